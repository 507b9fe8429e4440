import type { BrowserContext, CDPSession, Page } from 'playwright-core';
import type { IsolatedWorld } from './isolated-world';
import type { MainDocument } from './main-document';
import type { NetworkActivity } from './network-activity';

/** A page in its context, and what watches it. */
export interface OpenPage {
  readonly context: BrowserContext;
  readonly page: Page;
  readonly session: CDPSession;
  readonly main: MainDocument;
  readonly network: NetworkActivity;
  readonly world: IsolatedWorld;
  /** What an attempt that ends now ended in. */
  readonly progress: { isWaitingForSelector: boolean };
}
