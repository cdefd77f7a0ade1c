import { Anchor, Button, CloseButton, Group, Text, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { Link } from "react-router-dom";
import classes from "./CataloguePage.module.css";
import { readSaved, type SavedSearch, withSaved, writeSaved } from "./savedSearches";

/** Keeps the present search under a name, and leads back to those that were kept. */
export function SavedSearches({ query }: { query: string }) {
  const [searches, setSearches] = useState<SavedSearch[]>(() => readSaved(localStorage));
  const [name, setName] = useState<string | null>(null);
  const keep = (next: SavedSearch[]) => {
    writeSaved(localStorage, next);
    setSearches(next);
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (name?.trim()) keep(withSaved(searches, { name: name.trim(), query }));
    setName(null);
  };
  if (searches.length === 0 && query === "") return null;
  return (
    <fieldset className={classes.facet}>
      <Text component="legend" size="xs" fw={600} c="dimmed" tt="uppercase">
        Saved searches
      </Text>
      {searches.map((one) => (
        <Group key={one.name} justify="space-between" wrap="nowrap" pl={8}>
          <Anchor component={Link} to={`/catalogue?${one.query}`} size="sm" truncate>
            {one.name}
          </Anchor>
          <CloseButton
            size="xs"
            aria-label={`Forget ${one.name}`}
            onClick={() => keep(searches.filter(({ name: other }) => other !== one.name))}
          />
        </Group>
      ))}
      {query !== "" && name === null && (
        <Button size="compact-xs" variant="subtle" onClick={() => setName("")}>
          Save this search
        </Button>
      )}
      {name !== null && (
        <form onSubmit={submit}>
          <TextInput
            size="xs"
            autoFocus
            aria-label="Name of the search"
            placeholder="Name, then Enter"
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
          />
        </form>
      )}
    </fieldset>
  );
}
