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
import { Calls, seg } from './calls';
import type { Item, Listing } from './calls';
import { Keys } from './keys';
import type { Listed } from './pages';
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

  deliveries(filter: Listing<ListDeliveriesQuery> = {}): Listed<Delivery> {
    return this.list('/webhooks/deliveries', filter);
  }

  delivery(id: string, { signal }: CallOptions = {}): Promise<Delivery> {
    return this.get(`/webhooks/deliveries/${seg(id)}`, {}, signal);
  }

  /** Makes a callback once more. */
  replay(deliveryId: string, options: CallOptions = {}): Promise<Delivery> {
    return this.post(`/webhooks/deliveries/${seg(deliveryId)}/replay`, undefined, options);
  }

  /** Makes all callbacks of a time once more; those that did not arrive unless `status` says otherwise. */
  replayMany({ signal, ...filter }: Listing<ReplayDeliveriesBody>): Promise<Replayed> {
    return this.post('/webhooks/replay', filter, { signal });
  }

  testWebhook(url: string, options: CallOptions = {}): Promise<Delivery> {
    return this.post('/webhooks/test', { url }, options);
  }

  webhookSecret({ signal }: CallOptions = {}): Promise<WebhookSecret> {
    return this.get('/webhooks/secret', {}, signal);
  }

  rotateWebhookSecret(options: CallOptions = {}): Promise<WebhookSecret> {
    return this.post('/webhooks/secret/rotate', undefined, options);
  }

  receivers(filter: Listing<ListReceiversQuery> = {}): Listed<Item<ReceiverPage>> {
    return this.list('/webhooks/receivers', filter);
  }

  receiver(id: string, { signal }: CallOptions = {}): Promise<Receiver> {
    return this.get(`/webhooks/receivers/${seg(id)}`, {}, signal);
  }

  account({ signal }: CallOptions = {}): Promise<Account> {
    return this.get('/account', {}, signal);
  }

  /** What a URL would cost. */
  cost(url: string, apiParams: ApiParams = {}, { signal }: CallOptions = {}): Promise<UrlCost> {
    return this.get('/account/urlcost', { ...queryOf({ apiParams }), url }, signal);
  }

  /** What was charged and what ended in each hour, the oldest first. */
  async usage({ signal, ...range }: Listing<GetUsageQuery> = {}): Promise<UsageHours['items']> {
    return (await this.get<UsageHours>('/account/usage', { ...range }, signal)).items;
  }

  overview({ signal }: CallOptions = {}): Promise<Overview> {
    return this.get('/overview', {}, signal);
  }

  host(name: string, { signal }: CallOptions = {}): Promise<Host> {
    return this.get(`/hosts/${seg(name)}`, {}, signal);
  }
}
