import { useEffect, useRef, useState } from 'preact/hooks';
import { replaceQuery, useLocation } from '../routing/use-location';
import { SelectField, TextField } from './field';

const TYPING_MS = 300;

export interface QueryFieldProps {
  readonly label: string;
  /** Its name in the address. */
  readonly name: string;
  /** Name of the cursor, which another filter makes senseless. */
  readonly cursor?: string;
}

/** A filter that is typed in, kept in the address. It takes effect a moment after the last letter. */
export function QueryTextField({
  label,
  name,
  cursor = 'cursor',
  placeholder,
}: QueryFieldProps & { readonly placeholder?: string }) {
  const inAddress = useLocation().query[name] ?? '';
  const [typed, setTyped] = useState(inAddress);
  const isTyping = useRef(false);
  useEffect(() => {
    if (!isTyping.current) setTyped(inAddress);
  }, [inAddress]);
  useEffect(() => {
    if (!isTyping.current) return undefined;
    const timer = setTimeout(() => {
      isTyping.current = false;
      replaceQuery({ [name]: typed.trim(), [cursor]: undefined });
    }, TYPING_MS);
    return () => clearTimeout(timer);
  }, [typed, name, cursor]);
  return (
    <TextField
      label={label}
      type="search"
      value={typed}
      {...(placeholder !== undefined && { placeholder })}
      onInput={(value) => {
        isTyping.current = true;
        setTyped(value);
      }}
    />
  );
}

export interface QuerySelectProps extends QueryFieldProps {
  /** What stands for no filter. */
  readonly anyText: string;
  readonly options: readonly { readonly value: string; readonly text: string }[];
}

/** A filter that is chosen from a list, kept in the address. */
export function QuerySelect({ label, name, cursor = 'cursor', anyText, options }: QuerySelectProps) {
  const value = useLocation().query[name] ?? '';
  return (
    <SelectField
      label={label}
      value={value}
      options={[{ value: '', text: anyText }, ...options]}
      onChange={(chosen) => replaceQuery({ [name]: chosen, [cursor]: undefined })}
    />
  );
}
