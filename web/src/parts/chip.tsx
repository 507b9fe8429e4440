import type { ComponentChildren } from 'preact';
import { spoken } from '../format/texts';

export type Tone = 'good' | 'bad' | 'warn' | 'busy' | 'muted';

/** A word with a colour and a shape, so that it is told apart without seeing colours. */
export const Chip = ({ tone, children }: { readonly tone: Tone; readonly children: ComponentChildren }) => (
  <span class={`chip ${tone}`}>{children}</span>
);

const tones: Readonly<Record<string, Tone>> = {
  running: 'busy',
  retrying: 'warn',
  queued: 'muted',
  paused: 'warn',
  finished: 'good',
  delivered: 'good',
  healthy: 'good',
  alive: 'good',
  failed: 'bad',
  stopped: 'bad',
  failing: 'bad',
  gone: 'bad',
  pending: 'busy',
  probing: 'warn',
  cancelled: 'muted',
  revoked: 'muted',
};

/** The status of a job, batch, delivery, receiver, worker or key. */
export const StatusChip = ({ status }: { readonly status: string }) => (
  <Chip tone={tones[status] ?? 'muted'}>{spoken(status)}</Chip>
);

/** The HTTP status of a page or of an answer. */
export const HttpStatus = ({ code }: { readonly code: number | undefined }) =>
  code === undefined ? (
    <span class="none" aria-label="no status">
      –
    </span>
  ) : (
    <span class={`http-status ${code < 300 ? 'good' : code < 400 ? 'muted' : code === 429 ? 'warn' : 'bad'}`}>
      {code}
    </span>
  );

/** The tags of a batch. */
export const Tags = ({ tags }: { readonly tags: readonly string[] }) =>
  tags.length === 0 ? null : (
    <span class="tags">
      {tags.map((tag) => (
        <span class="tag" key={tag}>
          {tag}
        </span>
      ))}
    </span>
  );
