import { countryCodeOf } from '../../jobs/api-params';

/** ISO 3166 codes of the member states (https://european-union.europa.eu/principles-countries-history/eu-countries_en, 27 since 2020). */
const EU_MEMBERS: ReadonlySet<string> = new Set(
  'at be bg cy cz de dk ee es fi fr gr hr hu ie it lt lu lv mt nl pl pt ro se si sk'.split(' '),
);

/** Whether a way out in `country` is one in `wanted`, which may be `eu`. */
export function isCountryIn(country: string | undefined, wanted: string | undefined): boolean {
  if (wanted === undefined) return true;
  if (country === undefined) return false;
  const code = countryCodeOf(wanted);
  return country === code || (code === 'eu' && EU_MEMBERS.has(country));
}
