import { Fragment } from "react";
import { sqlTokens } from "./sqlTokens";
import classes from "./ui.module.css";

/** SQL text with its words coloured. */
export function Sql({ text }: { text: string }) {
  let at = 0;
  return (
    <code>
      {sqlTokens(text).map((token) => {
        const key = at;
        at += token.text.length;
        if (token.kind === "plain") return <Fragment key={key}>{token.text}</Fragment>;
        return (
          <span key={key} className={classes[token.kind]}>
            {token.text}
          </span>
        );
      })}
    </code>
  );
}
