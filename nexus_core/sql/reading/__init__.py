"""From text to statements, and what is done to a text so that sqlglot's parser understands it.

In this order: `splitting` cuts the text where statements end (`words` finds the ends of programs, which no parser
sees); `silence` leaves out what moves no data; `rewrites` puts the rest into words that the parser knows, by rules
over tokens (`patterns` is their form, `pipes` and `wordings` hold what no rule can tell, `tsql_tokens` T-SQL's own);
`parse` parses. Where that fails, `idioms` and `headers` tell the statement otherwise, then `fallback` tries other
dialects and `repair`. What nothing reads is left to `scan`. A new wording is a line of `rewrites`, if it can be one.
"""
