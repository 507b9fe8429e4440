const paths = {
  overview: 'M4 13h6V4H4zM14 20h6v-9h-6zM4 20h6v-3H4zM14 7h6V4h-6z',
  batches: 'M12 3 3 8l9 5 9-5zM3 12l9 5 9-5M3 16l9 5 9-5',
  submit: 'M12 5v14M5 12h14',
  deliveries: 'M4 6h16v12H4zM4 7l8 6 8-6',
  receivers: 'M6 8a6 6 0 0 1 12 0c0 6 2 8 2 8H4s2-2 2-8M10 20a2 2 0 0 0 4 0',
  host: 'M21 12a9 9 0 1 1-18 0 9 9 0 0 1 18 0zM3 12h18M12 3c3 3 3 15 0 18M12 3c-3 3-3 15 0 18',
  keys: 'M15 9a4 4 0 1 0-3.9 4L13 15h2v2h2v2h3v-3l-5.2-5.2A4 4 0 0 0 15 9zM9.5 8.5h.01',
  usage: 'M4 20V10M10 20V4M16 20v-8M21 20H3',
  out: 'M15 4h4v16h-4M10 8l-4 4 4 4M6 12h9',
  theme:
    'M12 4V2M12 22v-2M4 12H2M22 12h-2M6.3 6.3 5 5M19 19l-1.3-1.3M6.3 17.7 5 19M19 5l-1.3 1.3M16 12a4 4 0 1 1-8 0 4 4 0 0 1 8 0z',
  external: 'M14 5h5v5M19 5l-8 8M11 5H5v14h14v-6',
  copy: 'M9 9h11v11H9zM5 15H4V4h11v1',
  check: 'M5 13l4 4L19 7',
  warning: 'M12 4 2.5 20h19zM12 10v4M12 17h.01',
  pause: 'M8 5v14M16 5v14',
  play: 'M7 5v14l12-7z',
  stop: 'M6 6h12v12H6z',
  retry: 'M20 12a8 8 0 1 1-2.3-5.6M20 4v4h-4',
  download: 'M12 4v11M7 11l5 5 5-5M5 20h14',
  trash: 'M5 7h14M10 7V4h4v3M7 7l1 13h8l1-13',
  code: 'M9 8l-4 4 4 4M15 8l4 4-4 4',
  close: 'M6 6l12 12M18 6 6 18',
  menu: 'M4 7h16M4 12h16M4 17h16',
  search: 'M17 11a6 6 0 1 1-12 0 6 6 0 0 1 12 0zM20 20l-4.5-4.5',
  next: 'M9 6l6 6-6 6',
  back: 'M15 6l-6 6 6 6',
  file: 'M6 3h8l4 4v14H6zM14 3v4h4',
} as const;

export type IconName = keyof typeof paths;

/** A drawing beside a text. Readers of screens skip it, so it never stands alone without a label. */
export const Icon = ({ name }: { readonly name: IconName }) => (
  <svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
    <path d={paths[name]} />
  </svg>
);
