import { Badge, createTheme } from "@mantine/core";

export const theme = createTheme({
  // The graph's greys, lightest first, so that page and canvas are of one piece in the dark.
  colors: {
    dark: [
      "#e8ecf2",
      "#b8c1ce",
      "#9aa7b8",
      "#6b7789",
      "#38414f",
      "#2a313c",
      "#1f252e",
      "#171b22",
      "#12151b",
      "#0d1014",
    ],
  },
  primaryColor: "indigo",
  primaryShade: { light: 7, dark: 7 },
  autoContrast: true,
  defaultRadius: "md",
  fontFamily: 'ui-sans-serif, system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif',
  headings: { fontWeight: "650" },
  respectReducedMotion: true,
  cursorType: "pointer",
  // A badge's colour is its ground: coloured letters on it are too faint to read.
  components: {
    Badge: Badge.extend({ styles: { label: { color: "var(--mantine-color-text)" } } }),
    // Its letters would be the other scheme's for as long as they change colour.
    SegmentedControl: { defaultProps: { transitionDuration: 0 } },
  },
});
