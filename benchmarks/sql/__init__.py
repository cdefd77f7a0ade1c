"""How right and how fast the SQL engine is, beside its peers in the same run; needs no stack."""
