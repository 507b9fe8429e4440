import { useStore } from '../data/store';
import { chooseTheme, theme, themes } from '../session/theme';

/** Light, dark, or as the system has it. */
export function ThemeSwitch() {
  const chosen = useStore(theme);
  return (
    <fieldset class="segmented small">
      <legend class="visually-hidden">Colours</legend>
      {themes.map((one) => (
        <label key={one}>
          <input type="radio" name="theme" checked={one === chosen} onChange={() => chooseTheme(one)} />
          <span>{one === 'system' ? 'Auto' : one === 'light' ? 'Light' : 'Dark'}</span>
        </label>
      ))}
    </fieldset>
  );
}
