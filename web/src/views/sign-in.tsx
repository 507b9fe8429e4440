import { useState } from 'preact/hooks';
import { isKeyRefused, messageOf } from '../api/errors';
import { useStore } from '../data/store';
import { Button } from '../parts/button';
import { CheckField, TextField } from '../parts/field';
import { Brand } from '../parts/layout';
import { Note } from '../parts/states';
import { ThemeSwitch } from '../parts/theme-switch';
import { signIn, signedOutBecause } from '../session/session';

/** Asks for an API key. It is kept in memory, or in this tab if that is asked for. */
export function SignIn() {
  const because = useStore(signedOutBecause);
  const [apiKey, setApiKey] = useState('');
  const [isRemembered, setIsRemembered] = useState(false);
  const [isBusy, setIsBusy] = useState(false);
  const [error, setError] = useState<string>();
  const submit = async (): Promise<void> => {
    setIsBusy(true);
    setError(undefined);
    try {
      await signIn(apiKey.trim(), { isRemembered });
    } catch (refusal) {
      setIsBusy(false);
      setError(isKeyRefused(refusal) ? 'The service does not know this API key.' : messageOf(refusal));
    }
  };
  return (
    <main class="sign-in">
      <form
        class="sign-in-box"
        onSubmit={(event) => {
          event.preventDefault();
          void submit();
        }}
      >
        <h1 class="brand">
          <Brand />
        </h1>
        <p class="lead">Sign in with an API key of this service.</p>
        {because !== undefined && <Note tone="warn">{because}</Note>}
        <div aria-live="polite">
          <TextField
            label="API key"
            type="password"
            value={apiKey}
            onInput={setApiKey}
            isRequired
            error={error}
            autoComplete="current-password"
          />
        </div>
        <CheckField
          label="Keep it in this tab"
          hint="Otherwise it is forgotten when the page is loaded again."
          isChecked={isRemembered}
          onChange={setIsRemembered}
        />
        <Button kind="primary" type="submit" isBusy={isBusy}>
          Sign in
        </Button>
        <p class="hint">
          <code>npm start</code> prints the first key. More are made with <code>everfetch keys create NAME</code>.
        </p>
      </form>
      <ThemeSwitch />
    </main>
  );
}
