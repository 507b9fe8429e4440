import { useEffect, useState } from 'preact/hooks';

/** Whether somebody may be looking at the page. Nothing is asked for a tab in the background. */
export function useIsVisible(): boolean {
  const [isVisible, setIsVisible] = useState(!document.hidden);
  useEffect(() => {
    const update = (): void => setIsVisible(!document.hidden);
    update();
    document.addEventListener('visibilitychange', update);
    return () => document.removeEventListener('visibilitychange', update);
  }, []);
  return isVisible;
}
