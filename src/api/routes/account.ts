import { Router } from 'express';
import type { Request } from 'express';
import { ApiParams } from '../../jobs/api-params';
import { contradictionsIn, pathOf } from '../../jobs/check-request';
import { paramsIn } from '../../jobs/given-params';
import type { PriceList } from '../../jobs/prices';
import type { Account } from '../../store/api-keys';
import { checkedUrl, invalid } from '../checked-input';
import { authenticate } from '../middleware/authenticate';
import type { FindApiKey } from '../middleware/authenticate';

export interface AccountDeps {
  readonly findApiKey: FindApiKey;
  readonly accountOf: (apiKeyId: string) => Promise<Account>;
  readonly priceList: PriceList;
}

/** Serves `GET /account` (limits and usage of the key) and `GET /account/urlcost` (the price of a request). */
export function accountRouter(deps: AccountDeps): Router {
  const router = Router();

  router.get('/account', async (req, res) => {
    const key = await authenticate(req, res, deps.findApiKey);
    res.json(await deps.accountOf(key.id));
  });

  router.get('/account/urlcost', async (req, res) => {
    await authenticate(req, res, deps.findApiKey);
    const cost = deps.priceList.priceOf(checkedUrl(req.query['url']), askedParams(req.query));
    res.json({ cost, credits: cost });
  });

  return router;
}

/**
 * The parameters of a fetch in the query. Parameters have a price even if this server lacks what they need.
 * @throws ProblemError `invalid_request` that names every wrong parameter
 */
function askedParams(query: Request['query']): ApiParams {
  const parsed = ApiParams.safeParse(paramsIn(query));
  if (!parsed.success) {
    throw invalid(
      parsed.error.issues.map((issue) => ({ path: pathOf(['apiParams', ...issue.path]), message: issue.message })),
    );
  }
  const { premium, ultra_premium } = parsed.data;
  const contradictions = contradictionsIn({ premium, ultra_premium });
  if (contradictions.length > 0) throw invalid(contradictions);
  return parsed.data;
}
