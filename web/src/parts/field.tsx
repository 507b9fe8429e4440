import type { ComponentChildren, InputHTMLAttributes } from 'preact';
import { useId } from 'preact/hooks';

interface FieldProps {
  readonly label: string;
  readonly hint?: ComponentChildren;
  /** What is wrong with the value. */
  readonly error?: string | undefined;
  /** The label is for readers of screens only, because the place says it already. */
  readonly isLabelHidden?: boolean;
}

export interface TextFieldProps extends FieldProps {
  readonly value: string;
  readonly onInput: (value: string) => void;
  readonly type?: 'text' | 'search' | 'password' | 'number' | 'url' | 'datetime-local';
  readonly placeholder?: string;
  readonly autoComplete?: string;
  readonly isRequired?: boolean;
  readonly min?: number;
  /** Whether a number may have decimals. */
  readonly isFractional?: boolean;
  /** With it, the field has this many lines. */
  readonly rows?: number;
}

/** A field for text, with its label, its hint and what is wrong with it. */
export function TextField(props: TextFieldProps) {
  const { label, hint, error, isLabelHidden = false, value, onInput, type = 'text', rows } = props;
  const id = useId();
  const described = [hint !== undefined && `${id}-hint`, error !== undefined && `${id}-error`]
    .filter(Boolean)
    .join(' ');
  const shared = {
    id,
    value,
    placeholder: props.placeholder,
    required: props.isRequired,
    spellcheck: false,
    'aria-invalid': error !== undefined,
    'aria-describedby': described === '' ? undefined : described,
    onInput: (event: { readonly currentTarget: { readonly value: string } }) => onInput(event.currentTarget.value),
  };
  return (
    <div class="field">
      <label for={id} class={isLabelHidden ? 'visually-hidden' : undefined}>
        {label}
      </label>
      {rows === undefined ? (
        <TypedInput
          {...shared}
          type={type}
          autoComplete={props.autoComplete ?? 'off'}
          min={props.min}
          step={props.isFractional === true ? 'any' : undefined}
        />
      ) : (
        <textarea {...shared} rows={rows} />
      )}
      {hint !== undefined && (
        <p class="hint" id={`${id}-hint`}>
          {hint}
        </p>
      )}
      {error !== undefined && (
        <p class="field-error" id={`${id}-error`}>
          {error}
        </p>
      )}
    </div>
  );
}

type TypedInputProps = Omit<InputHTMLAttributes, 'type' | 'role'> & Required<Pick<TextFieldProps, 'type'>>;

/** An input of one of several types, whose properties differ. */
function TypedInput({ type, ...props }: TypedInputProps) {
  switch (type) {
    case 'text':
      return <input {...props} type="text" />;
    case 'search':
      return <input {...props} type="search" />;
    case 'url':
      return <input {...props} type="url" />;
    case 'number':
      return <input {...props} type="number" />;
    case 'password':
      return <input {...props} type="password" />;
    case 'datetime-local':
      return <input {...props} type="datetime-local" />;
  }
}

export interface SelectFieldProps extends FieldProps {
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly options: readonly { readonly value: string; readonly text: string }[];
}

export function SelectField({ label, hint, isLabelHidden = false, value, onChange, options }: SelectFieldProps) {
  const id = useId();
  return (
    <div class="field">
      <label for={id} class={isLabelHidden ? 'visually-hidden' : undefined}>
        {label}
      </label>
      <select id={id} value={value} onChange={(event) => onChange(event.currentTarget.value)}>
        {options.map((option) => (
          <option key={option.value} value={option.value} selected={option.value === value}>
            {option.text}
          </option>
        ))}
      </select>
      {hint !== undefined && <p class="hint">{hint}</p>}
    </div>
  );
}

export interface CheckFieldProps {
  readonly label: ComponentChildren;
  readonly hint?: ComponentChildren;
  readonly isChecked: boolean;
  readonly onChange: (isChecked: boolean) => void;
}

export function CheckField({ label, hint, isChecked, onChange }: CheckFieldProps) {
  const id = useId();
  return (
    <div class="check-field">
      <input
        id={id}
        type="checkbox"
        checked={isChecked}
        aria-describedby={hint === undefined ? undefined : `${id}-hint`}
        onChange={(event) => onChange(event.currentTarget.checked)}
      />
      <label for={id}>{label}</label>
      {hint !== undefined && (
        <p class="hint" id={`${id}-hint`}>
          {hint}
        </p>
      )}
    </div>
  );
}
