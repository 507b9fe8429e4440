import { writeFileSync } from 'node:fs';
import type { LoopDelay } from './loop-delay';
import type { Mode } from './page';
import type { RenderFigures } from './render-figures';
import type { SafetyFigures } from './safety-figures';
import type { Handshakes } from './target-server';

/** What each script of this folder measures, under its name. */
export interface Figures {
  readonly batch: BatchFigures;
  readonly sizes: SizesFigures;
  readonly 'single-jobs': SingleJobsFigures;
  readonly 'batch-submit': BatchSubmitFigures;
  readonly 'read-job': RatioFigures;
  readonly 'read-results': ReadResultsFigures;
  readonly retention: RatioFigures;
  readonly callbacks: CallbacksFigures;
  readonly safety: SafetyFigures;
  readonly render: RenderFigures;
  readonly 'real-web': RealWebFigures;
  readonly 'real-web-https': RealWebFigures;
  readonly handshakes: HandshakesFigures;
  readonly names: NamesFigures;
  readonly 'dead-hosts': DeadHostsFigures;
  readonly levels: LevelsFigures;
}

export type ScriptName = keyof Figures;

/** URLs/s of the three contenders, one after another. */
export interface BatchRound {
  readonly everfetch: number;
  readonly bullmq: number;
  readonly bare: number;
  /** Fetches of everfetch beyond those that the target made necessary. */
  readonly refetches: number;
}

/** Processor time of everfetch's processes and of the target, ms per URL of a plain batch. */
export interface CpuPerUrl {
  readonly node: number;
  readonly postgres: number;
  readonly temporal: number;
  readonly target: number;
}

export interface BatchFigures {
  readonly urls: number;
  readonly scenarios: Readonly<Record<Mode, readonly BatchRound[]>>;
  /** Highest resident memory of the Node process in each round of the plain scenario, MB. */
  readonly peakResidentMb: readonly number[];
  readonly cpuMsPerUrl: readonly CpuPerUrl[];
  /** Cores that the idle everfetch (with PostgreSQL and Temporal) keeps busy while the others are measured. */
  readonly idleCores: number;
  /** Cores that anything else on the machine kept busy then: well over 0 means that the rates are worth little. */
  readonly otherCores: number;
}

export interface SizesFigures {
  readonly rounds: readonly (readonly {
    readonly urls: number;
    readonly batches: number;
    readonly urlsPerSecond: number;
    readonly refetches: number;
  }[])[];
  readonly peakResidentMb: readonly number[];
}

export interface SingleJobsFigures {
  readonly idleJobs: number;
  readonly idleP50Ms: number;
  readonly idleP95Ms: number;
  readonly inFlight: number;
  readonly rounds: readonly { readonly noOp: number; readonly job: number }[];
}

export interface BatchSubmitFigures {
  readonly urls: number;
  readonly idleMb: number;
  readonly rounds: readonly {
    readonly status: number;
    readonly jobs: number;
    readonly seconds: number;
    readonly peakMb: number;
  }[];
}

export interface RatioFigures {
  readonly measure: string;
  readonly must: string;
  readonly measured: number;
  readonly rounds: readonly number[];
}

/** The results of one batch, read as a stream. */
export interface ReadResultsFigures {
  readonly results: number;
  readonly rounds: readonly ReadResultsRound[];
}

export interface ReadResultsRound {
  /** Lines per second with `fields`, without pages. */
  readonly linesPerSecond: number;
  /** MB (10^6 bytes) per second with pages of 20 kB. */
  readonly mbPerSecond: number;
  /** By how much the resident memory of the API grew while it sent, MB. */
  readonly grownMb: number;
  /** Longest time of a page of a thousand in the list of its URLs, ms. */
  readonly slowestPageMs: number;
}

/** Answers after half a second and more: rates of everfetch with default settings and of BullMQ at each of its concurrencies. */
export interface RealWebFigures {
  readonly urls: number;
  readonly hosts: number;
  readonly rounds: readonly RealWebRound[];
}

export interface RealWebRound {
  /** URLs/s, submission to last page durable. */
  readonly everfetch: number;
  /** URLs/s by the number of jobs in flight. */
  readonly bullmq: Readonly<Record<string, number>>;
  /** URLs/s. */
  readonly scrapy?: number;
  /** Processor time of all processes of everfetch, ms per URL. */
  readonly cpuMs: number;
  readonly pagesPerSegment: number;
  readonly peakResidentMb: number;
  /** By how much the timers of everfetch were late. */
  readonly loop: LoopDelay;
  /** TLS handshakes of everfetch, over HTTPS. */
  readonly handshakes?: Handshakes;
}

export interface HandshakesFigures {
  /** Connections of each kind that were measured. */
  readonly connections: number;
  readonly versions: readonly HandshakeCost[];
}

/** Processor time of the client, ms per connection with a page of 20 kB. */
export interface HandshakeCost {
  readonly version: string;
  readonly plainMs: number;
  /** Beyond `plainMs`. */
  readonly fullMs: number;
  readonly resumedMs: number;
  /** Handshakes that the target saw resumed. */
  readonly resumed: number;
}

/** Every URL on a host name of its own, of which the name server tells the address after a while; and the same hosts by address. */
export interface NamesFigures {
  readonly urls: number;
  readonly nameServerMs: number;
  readonly rounds: readonly NamesRound[];
}

export interface NamesRound {
  /** Nobody has asked for the names before. */
  readonly first: NamesTimes;
  readonly again: NamesTimes;
  /** Questions that the name server was asked, the first time and again. */
  readonly questions: number;
  readonly questionsAgain: number;
}

/** From the submission until the last page is durable. */
export interface NamesTimes {
  readonly addressSeconds: number;
  readonly nameSeconds: number;
}

/** Hosts of which some never answer, refuse or drip. */
export interface DeadHostsFigures {
  readonly urls: number;
  readonly hosts: number;
  readonly rounds: readonly DeadHostsRound[];
}

/** From the submission until 99 % of the good pages are durable. */
export interface DeadHostsRound {
  /** The same good pages, submitted without the others. */
  readonly withoutSeconds: number;
  readonly withSeconds: number;
}

/** Other levels of load than that of a whole batch. */
export interface LevelsFigures {
  readonly pagesPerSecond: number;
  readonly inFlight: number;
  /** URLs of the batch that single jobs run beside. */
  readonly urls: number;
  readonly rounds: readonly LevelsRound[];
}

export interface LevelsRound {
  /** Cores that all processes of everfetch keep busy while nothing is asked of them. */
  readonly idleCores: number;
  /** The same while pages trickle in. */
  readonly trickleCores: number;
  /** Single job beside a batch, submission to result. */
  readonly besideBatchP50Ms: number;
  /** Peak of the Node process with that many fetches in flight. */
  readonly residentMb: number;
}

/** A batch whose URLs are called back one by one. */
export interface CallbackRun {
  /** Time from the submission until the batch is finished. */
  readonly urlsPerSecond: number;
  /** Time from the first call to the last one. */
  readonly callsPerSecond: number;
  /** Time from the submission to the last call. */
  readonly callsPerSecondInAll: number;
  /** Time from a job's `finishedAt` to the arrival of its call. */
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Calls beyond one per job. */
  readonly duplicates: number;
  readonly peakResidentMb: number;
}

export interface CallbacksFigures {
  readonly urls: number;
  /** URLs of the batch whose receiver is dead. */
  readonly deadUrls: number;
  readonly rounds: readonly CallbacksRound[];
}

export interface CallbacksRound {
  /** The same batch without callbacks. */
  readonly urlsPerSecondWithout: number;
  readonly peakResidentMbWithout: number;
  readonly alone: CallbackRun;
  readonly besideDead: CallbackRun;
  readonly deadReceiver: DeadReceiverKind;
  readonly cpuMsPerCall: CpuPerCall;
}

/** How a receiver is dead: nobody listens, or the connection is accepted and nothing is ever answered. */
export type DeadReceiverKind = 'refuses' | 'silent';

/** Processor time of a batch with callbacks less that of the batch without, ms per call; and all that the receiver took. */
export interface CpuPerCall {
  readonly node: number;
  readonly postgres: number;
  readonly temporal: number;
  readonly receiver: number;
}

/** Hands the figures to `run.ts`, which names the file. Alone, a script only prints. */
export function reportFigures<Name extends ScriptName>(_name: Name, figures: Figures[Name]): void {
  const path = process.env['BENCH_OUT'];
  if (path) writeFileSync(path, JSON.stringify(figures));
}
