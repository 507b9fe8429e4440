import type {
  Account,
  ApiParams,
  Delivery,
  GetUsageQuery,
  Host,
  ListDeliveriesQuery,
  ListReceiversQuery,
  Overview,
  Receiver,
  ReceiverPage,
  ReplayDeliveriesBody,
  Replayed,
  UrlCost,
  UsageHours,
  WebhookSecret,
} from './api-types';
import { queryOf } from './batch-fields';
import { Calls } from './calls';
import type { Item, Listing } from './calls';
import { Keys } from './keys';
import type { Listed } from './pages';
import { seg } from './paths';
import type { CallOptions } from './requests';
import type { Transport } from './transport';

/** The calls about the key, its callbacks and the installation. */
export class InstallationCalls extends Calls {
  /** The API keys of the installation, with an admin key. */
  readonly keys: Keys;

  constructor(transport: Transport) {
    super(transport);
    this.keys = new Keys(transport);
  }

  deliveries(filter?: Listing<ListDeliveriesQuery>): Listed<Delivery> {
    return this.listed('/webhooks/deliveries', filter);
  }

  delivery(id: string, options?: CallOptions): Promise<Delivery> {
    return this.call('GET', `/webhooks/deliveries/${seg(id)}`, options);
  }

  /** Makes a callback once more. */
  replay(deliveryId: string, options?: CallOptions): Promise<Delivery> {
    return this.call('POST', `/webhooks/deliveries/${seg(deliveryId)}/replay`, options);
  }

  /** Makes all callbacks of a time once more; those that did not arrive unless `status` says otherwise. */
  replayMany({ signal, ...filter }: Listing<ReplayDeliveriesBody>): Promise<Replayed> {
    return this.call('POST', '/webhooks/replay', { signal }, filter);
  }

  testWebhook(url: string, options?: CallOptions): Promise<Delivery> {
    return this.call('POST', '/webhooks/test', options, { url });
  }

  webhookSecret(options?: CallOptions): Promise<WebhookSecret> {
    return this.call('GET', '/webhooks/secret', options);
  }

  rotateWebhookSecret(options?: CallOptions): Promise<WebhookSecret> {
    return this.call('POST', '/webhooks/secret/rotate', options);
  }

  receivers(filter?: Listing<ListReceiversQuery>): Listed<Item<ReceiverPage>> {
    return this.listed('/webhooks/receivers', filter);
  }

  receiver(id: string, options?: CallOptions): Promise<Receiver> {
    return this.call('GET', `/webhooks/receivers/${seg(id)}`, options);
  }

  account(options?: CallOptions): Promise<Account> {
    return this.call('GET', '/account', options);
  }

  /** What a URL would cost. */
  cost(url: string, apiParams: ApiParams = {}, options?: CallOptions): Promise<UrlCost> {
    const query = { ...queryOf({ apiParams }), url, ...options };
    return this.call('GET', '/account/urlcost', query);
  }

  /** What was charged and what ended in each hour, the oldest first. */
  async usage(range?: Listing<GetUsageQuery>): Promise<UsageHours['items']> {
    return (await this.call<UsageHours>('GET', '/account/usage', range)).items;
  }

  overview(options?: CallOptions): Promise<Overview> {
    return this.call('GET', '/overview', options);
  }

  host(name: string, options?: CallOptions): Promise<Host> {
    return this.call('GET', `/hosts/${seg(name)}`, options);
  }
}
