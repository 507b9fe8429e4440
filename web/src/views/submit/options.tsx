import { CheckField, SelectField, TextField } from '../../parts/field';
import type { SubmitForm } from '../../submit/batch-fields';

export interface OptionsProps {
  readonly form: SubmitForm;
  readonly onChange: (changes: Partial<SubmitForm>) => void;
}

const outputFormats = [
  { value: '', text: 'the page as it is' },
  { value: 'text', text: 'text' },
  { value: 'markdown', text: 'Markdown' },
  { value: 'json', text: 'JSON' },
] as const;

const proxyTiers = [
  { value: '', text: 'as needed' },
  { value: 'premium', text: 'premium' },
  { value: 'ultra_premium', text: 'ultra premium' },
] as const;

const devices = [
  { value: '', text: 'any' },
  { value: 'desktop', text: 'desktop' },
  { value: 'mobile', text: 'mobile' },
] as const;

/** The option of a list that was chosen; the first one for what is not in it. */
const chosenOf = <Value extends string>(options: readonly { readonly value: Value }[], value: string): Value | '' =>
  options.find((option) => option.value === value)?.value ?? '';

/** Options of the batch: what people need first, and the rest below. */
export const Options = ({ form, onChange }: OptionsProps) => (
  <div class="options">
    <TextField label="Name" value={form.name} onInput={(name) => onChange({ name })} />
    <TextField label="Tags" hint="Separated by commas" value={form.tags} onInput={(tags) => onChange({ tags })} />
    <SelectField
      label="Result"
      value={form.outputFormat}
      options={outputFormats}
      onChange={(chosen) => onChange({ outputFormat: chosenOf(outputFormats, chosen) })}
    />
    <CheckField
      label="Render in a browser"
      isChecked={form.isRendered}
      onChange={(isRendered) => onChange({ isRendered })}
    />
    <CheckField
      label="Fetch equal URLs once"
      isChecked={form.isDeduped}
      onChange={(isDeduped) => onChange({ isDeduped })}
    />
    <TextField
      label="Cap of credits"
      type="number"
      min={1}
      hint="The batch pauses before it would cost more."
      value={form.maxCredits}
      onInput={(maxCredits) => onChange({ maxCredits })}
    />
    <details>
      <summary>More options</summary>
      <div class="options">
        <TextField
          label="At the same time per host"
          type="number"
          min={1}
          value={form.maxPerHost}
          onInput={(maxPerHost) => onChange({ maxPerHost })}
        />
        <TextField
          label="Hours to try"
          type="number"
          min={0.01}
          isFractional
          placeholder="24"
          value={form.timeoutHours}
          onInput={(timeoutHours) => onChange({ timeoutHours })}
        />
        <SelectField
          label="Proxies"
          value={form.proxies}
          options={proxyTiers}
          onChange={(chosen) => onChange({ proxies: chosenOf(proxyTiers, chosen) })}
        />
        <TextField
          label="Country"
          placeholder="de"
          hint="Two letters; fetched from there"
          value={form.country}
          onInput={(country) => onChange({ country })}
        />
        <SelectField
          label="Device"
          value={form.device}
          options={devices}
          onChange={(chosen) => onChange({ device: chosenOf(devices, chosen) })}
        />
        <TextField
          label="Callback"
          type="url"
          placeholder="https://you.example/hook"
          hint="Is called for each URL when it ends"
          value={form.callback}
          onInput={(callback) => onChange({ callback })}
        />
      </div>
    </details>
  </div>
);
