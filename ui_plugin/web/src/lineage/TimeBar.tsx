import { Button, CloseButton, RangeSlider, Slider, Switch, TextInput } from "@mantine/core";
import { formatTime } from "../ui/format";
import classes from "./Explorer.module.css";
import { type ExplorerState, momentOf } from "./explorerState";
import { type Moments, useMoments } from "./useMoments";

interface Props {
  state: ExplorerState;
  onChange: (state: ExplorerState) => void;
}

/** Another time than now: as it was, as it was known, or two times compared. Marks say when the asset changed. */
export function TimeBar({ state, onChange }: Props) {
  const moments = useMoments(state.root, state.knownAt);
  // The bar stays open where its last use leads back to now.
  const set = (change: Partial<ExplorerState>) => onChange({ ...state, time: true, ...change });
  const isCompare = state.compare !== null;
  return (
    <section className={classes.time} aria-label="Time">
      <Switch
        size="xs"
        label="Compare"
        title="Show what came, went and differs between two times"
        checked={isCompare}
        onChange={(event) => set({ compare: event.currentTarget.checked ? momentOf(before(state, moments)) : null })}
      />
      <div className={classes.slide}>
        {isCompare ? <TwoTimes state={state} set={set} moments={moments} /> : <OneTime {...{ state, set, moments }} />}
      </div>
      <MomentInput
        label="Known at"
        title="As it was known then"
        value={state.knownAt}
        set={(knownAt) => set({ knownAt })}
      />
      <MomentInput label="As of" title="As it was then" value={state.asOf} set={(asOf) => set({ asOf })} />
      <Button
        size="compact-xs"
        variant="default"
        disabled={!isCompare && state.asOf === null && state.knownAt === null}
        onClick={() => set({ asOf: null, compare: null, knownAt: null })}
      >
        Now
      </Button>
      <CloseButton
        size="sm"
        aria-label="Close the time bar"
        onClick={() => set({ asOf: null, compare: null, knownAt: null, time: false })}
      />
    </section>
  );
}

interface SlideProps {
  state: ExplorerState;
  set: (change: Partial<ExplorerState>) => void;
  moments: Moments;
}

function OneTime({ state, set, moments }: SlideProps) {
  const { first, last } = moments;
  return (
    <Slider
      key={`${state.asOf} ${first} ${last}`}
      size="sm"
      thumbLabel="As of"
      min={first}
      max={last}
      step={stepOf(moments)}
      marks={marksOf(moments)}
      defaultValue={state.asOf === null ? last : Date.parse(state.asOf)}
      label={(at) => labelOf(at, moments)}
      onChangeEnd={(at) => set({ asOf: at >= last ? null : momentOf(nearest(at, moments)) })}
    />
  );
}

function TwoTimes({ state, set, moments }: SlideProps) {
  const { first, last } = moments;
  const from = state.compare === null ? first : Date.parse(state.compare);
  const to = state.asOf === null ? last : Date.parse(state.asOf);
  return (
    <RangeSlider
      key={`${state.compare} ${state.asOf} ${first} ${last}`}
      size="sm"
      thumbFromLabel="Compare from"
      thumbToLabel="Compare to"
      min={first}
      max={last}
      step={stepOf(moments)}
      minRange={0}
      marks={marksOf(moments)}
      defaultValue={[from, to]}
      label={(at) => labelOf(at, moments)}
      onChangeEnd={([start, end]) =>
        set({
          compare: momentOf(nearest(start, moments)),
          asOf: end >= last ? null : momentOf(nearest(end, moments)),
        })
      }
    />
  );
}

interface InputProps {
  label: string;
  title: string;
  value: string | null;
  set: (moment: string | null) => void;
}

/** A moment to the second in UTC, for those that the slider does not stop at. */
function MomentInput({ label, title, value, set }: InputProps) {
  return (
    <TextInput
      key={value ?? ""}
      size="xs"
      type="datetime-local"
      step={1}
      w={186}
      aria-label={`${label} (UTC)`}
      title={`${title}, UTC`}
      defaultValue={value?.slice(0, 19) ?? ""}
      leftSection={<span className={classes.inputLabel}>{label}</span>}
      leftSectionWidth={label.length * 7 + 6}
      onBlur={(event) => set(event.currentTarget.value ? momentOf(Date.parse(`${event.currentTarget.value}Z`)) : null)}
    />
  );
}

/** Where a comparison starts: just before the last change. */
function before(state: ExplorerState, moments: Moments): number {
  const end = state.asOf === null ? moments.last : Date.parse(state.asOf);
  const earlier = moments.changes.filter((at) => at <= end).at(-1);
  return (earlier ?? end) - 1000;
}

/** 400 steps, so that an arrow key moves visibly. */
function stepOf({ first, last }: Moments): number {
  return Math.max(1000, Math.round((last - first) / 400));
}

/** A change that is within a step: its own moment, so that the lineage is the one that begins there. */
function nearest(at: number, moments: Moments): number {
  const near = moments.changes.filter((change) => Math.abs(change - at) <= stepOf(moments));
  const best = near.reduce((one, other) => (Math.abs(other - at) < Math.abs(one - at) ? other : one), near[0] ?? at);
  return Math.ceil(best / 1000) * 1000;
}

function marksOf(moments: Moments) {
  return moments.changes.map((value) => ({ value }));
}

function labelOf(at: number, moments: Moments): string {
  return at >= moments.last ? "Now" : formatTime(momentOf(nearest(at, moments)));
}
