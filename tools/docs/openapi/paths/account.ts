import { UsageQuery } from '../../../../src/jobs/account-requests';
import { anyKey, headerRefs } from '../components';
import { errorResponses, keyErrors } from '../errors';
import { TARGET, accountExample, named, usageExample } from '../examples';
import { usageRangeNotes } from '../field-notes';
import { propertiesOf, ref } from '../json-schema';
import type { Node } from '../json-schema';
import { apiParamSchemas } from '../request-schemas';

/** Parameters of a fetch in a query, where everything is text. The parameters of the same names in a body say what it must look like. */
const priceParameters = (): Node[] =>
  Object.entries(apiParamSchemas()).map(([name, { description }]) => ({
    name,
    in: 'query',
    description,
    schema: { type: 'string' },
    ...(name === 'premium' && { examples: named({ premium: 'true' }) }),
  }));

const json = (description: string, schemaName: string, examples: Readonly<Record<string, unknown>>): Node => ({
  description,
  headers: headerRefs({}),
  content: { 'application/json': { schema: ref(schemaName), examples: named(examples) } },
});

const usageParameters = (): Node[] =>
  Object.entries(propertiesOf(UsageQuery)).map(([name, schema]) => ({
    name,
    in: 'query',
    description: usageRangeNotes[name],
    schema,
    ...(name === 'since' && { examples: named({ day: '2026-03-02T00:00:00Z' }) }),
  }));

/** `GET /account`, `GET /account/urlcost` and `GET /account/usage`. */
export const accountPaths = (): Record<string, Node> => ({
  '/account': {
    get: {
      operationId: 'getAccount',
      summary: 'What the key may use and has used',
      tags: ['Account'],
      security: anyKey,
      responses: {
        '200': json('The account of the key.', 'Account', { account: accountExample }),
        ...errorResponses('compatible', keyErrors),
      },
    },
  },
  '/account/urlcost': {
    get: {
      operationId: 'getUrlCost',
      summary: 'What a request would cost',
      description: 'Features that this server has not been given have their price all the same.',
      tags: ['Account'],
      security: anyKey,
      parameters: [
        { name: 'url', in: 'query', required: true, schema: ref('TargetUrl'), examples: named({ page: TARGET }) },
        ...priceParameters(),
      ],
      responses: {
        '200': json('The price in credits.', 'UrlCost', { premium: { cost: 10, credits: 10 } }),
        ...errorResponses('compatible', ['invalid_url', ...keyErrors]),
      },
    },
  },
  '/account/usage': {
    get: {
      operationId: 'getUsage',
      summary: 'What the key used, hour by hour',
      description:
        'An hour counts the URLs that ended in it and what they cost; one that failed and was retried counts each time. Hours are kept for 90 days.',
      tags: ['Account'],
      security: anyKey,
      parameters: usageParameters(),
      responses: {
        '200': json('The hours of the range.', 'UsageHours', { morning: usageExample }),
        ...errorResponses('problem', keyErrors),
      },
    },
  },
});
