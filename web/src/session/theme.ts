import { createStore } from '../data/store';

export const themes = ['system', 'light', 'dark'] as const;
export type Theme = (typeof themes)[number];

const STORAGE_NAME = 'everfetch-theme';

const isTheme = (text: string | null): text is Theme => themes.some((theme) => theme === text);

/** Browsers may refuse storage altogether; then the choice lasts until the page is closed. */
function storedTheme(): Theme {
  try {
    const stored = localStorage.getItem(STORAGE_NAME);
    return isTheme(stored) ? stored : 'system';
  } catch {
    return 'system';
  }
}

export const theme = createStore<Theme>(storedTheme());

/** Puts the theme onto the document, where the stylesheet reads it. */
export function applyTheme(): void {
  const chosen = theme.get();
  if (chosen === 'system') delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = chosen;
}

export function chooseTheme(chosen: Theme): void {
  theme.set(chosen);
  applyTheme();
  try {
    localStorage.setItem(STORAGE_NAME, chosen);
  } catch {
    // It is applied all the same.
  }
}
