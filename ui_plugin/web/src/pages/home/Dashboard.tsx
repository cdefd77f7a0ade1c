import { Anchor, Group, Paper, Text, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { Link, useNavigate } from "react-router-dom";
import type { Overview } from "../../api/types";
import { catalogueAddress } from "../../app/addresses";
import { plural } from "../../ui/format";
import { InOrder } from "../../ui/InOrder";
import { DemoCard } from "./DemoCard";
import { Figures } from "./Figures";
import { Harvests } from "./Harvests";
import classes from "./HomePage.module.css";
import { MyAssets } from "./MyAssets";
import { Platforms } from "./Platforms";
import { Recent } from "./Recent";
import { Tasks } from "./Tasks";

/** Search, figures with their course, what waits for the reader, and what changed. */
export default function Dashboard({ overview }: { overview: Overview }) {
  return (
    <InOrder gap="lg">
      <SearchBox />
      <DemoCard overview={overview} />
      <Figures overview={overview} />
      {overview.dead_letters > 0 && (
        <Paper withBorder p="sm">
          <Group gap="xs">
            <Text size="sm">{plural(overview.dead_letters, "event")} could not be merged.</Text>
            <Anchor component={Link} to="/dead-letters" size="sm">
              See why
            </Anchor>
          </Group>
        </Paper>
      )}
      <div className={classes.columns}>
        <InOrder gap="lg">
          <Tasks />
          <MyAssets />
        </InOrder>
        <InOrder gap="lg">
          <Recent />
          <div className={classes.halves}>
            <Platforms overview={overview} />
            <Harvests />
          </div>
        </InOrder>
      </div>
    </InOrder>
  );
}

/** Leads to the catalogue with what was typed. */
function SearchBox() {
  const [text, setText] = useState("");
  const navigate = useNavigate();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    navigate(catalogueAddress({ q: text }));
  };
  return (
    <form onSubmit={submit}>
      <TextInput
        size="md"
        type="search"
        aria-label="Search the catalogue"
        placeholder="Search assets, columns, descriptions"
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
      />
    </form>
  );
}
