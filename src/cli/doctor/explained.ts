import { fail } from './finding';
import type { CheckName, Finding } from './finding';

/** Errors whose message is a sentence for the operator, with what to do. */
const FOR_PEOPLE = [
  'ConfigError',
  'UnavailableError',
  'CannotError',
  'TemporalCliNotFoundError',
  'EmbeddedServerError',
];

/** What a check has thrown, as a finding. */
export function explained(check: CheckName, error: unknown): Finding {
  const { name, message } = error as Error;
  const text = message.replaceAll(/\s*\n\s*/g, ' ').replace(/\.$/, '');
  return FOR_PEOPLE.includes(name)
    ? fail(check, text, 'do what that says')
    : fail(check, `this could not be checked: ${text}`, 'report it with this line; it may be a bug');
}
