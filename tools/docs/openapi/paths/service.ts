import { headerRefs } from '../components';
import { errorResponses } from '../errors';
import { named } from '../examples';
import { ref } from '../json-schema';
import type { Node } from '../json-schema';

const operation = (operationId: string, summary: string, responses: Node): Node => ({
  get: { operationId, summary, tags: ['Service'], security: [], responses },
});

const ok = (description: string, schema: Node, examples: Readonly<Record<string, unknown>> | undefined): Node => ({
  description,
  headers: headerRefs({}),
  content: { 'application/json': { schema, ...(examples && { examples: named(examples) }) } },
});

const allOk = { status: 'ok', postgres: 'ok', temporal: 'ok', segments: 'ok' };

/** `/healthz`, `/readyz` and `/openapi.json`. */
export function servicePaths(): Record<string, Node> {
  const errors = errorResponses('problem');
  const { '503': away, ...others } = errors;
  return {
    '/healthz': operation('getHealth', 'Whether the process answers', {
      '200': ok('It does.', ref('Health'), {
        ok: { status: 'ok', fetches: { inFlight: 412, limit: 972 }, workers: 3, workersWanted: 3, workersEnded: 0 },
      }),
      ...errors,
    }),
    '/readyz': operation('getReadiness', 'Whether the service can do its work', {
      '200': ok('It can.', ref('Readiness'), { ok: allOk }),
      ...others,
      '503': {
        ...away,
        description: 'It cannot; the answer says which part is away.',
        content: {
          'application/json': {
            schema: ref('Readiness'),
            examples: named({ away: { ...allOk, status: 'unavailable', temporal: 'unavailable' } }),
          },
        },
      },
    }),
    '/openapi.json': operation('getOpenApi', 'This document', {
      '200': ok('An OpenAPI 3.1 document.', { type: 'object', required: ['openapi', 'info', 'paths'] }, undefined),
      ...errors,
    }),
  };
}
