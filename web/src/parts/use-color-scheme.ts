import { useEffect, useState } from 'preact/hooks';

/** Whether the system prefers dark or light, for what is drawn and does not follow the stylesheet by itself. */
export function useColorScheme(): 'dark' | 'light' {
  const [isDark, setIsDark] = useState(() => matchMedia('(prefers-color-scheme: dark)').matches);
  useEffect(() => {
    const query = matchMedia('(prefers-color-scheme: dark)');
    const update = (): void => setIsDark(query.matches);
    query.addEventListener('change', update);
    return () => query.removeEventListener('change', update);
  }, []);
  return isDark ? 'dark' : 'light';
}
