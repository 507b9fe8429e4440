import { goals, judge } from './goals';
import type { Bound, Goal } from './goals';
import type { CallbackRun, DeadReceiverKind } from './figures';
import { median } from './measure';
import type { Results } from './results';
import { milli, number, perSecond, ratio, table } from './table';
import { renderWeb } from './web-tables';

/** Everything between the markers of README.md. */
export function renderResults(results: Results): string {
  return [
    renderGoals(results),
    renderBatch(results),
    ...renderWeb(results),
    renderSizes(results),
    renderSingleJobs(results),
    renderBatchSubmit(results),
    renderCallbacks(results),
    renderSafety(results),
    renderRendering(results),
    renderCircumstances(results),
  ]
    .filter((part) => part !== undefined)
    .join('\n\n');
}

function renderGoals(results: Results): string {
  const rows = goals.map((goal) => {
    const rounds = goal.rounds(results);
    const bounds = [bound(goal, goal.must), bound(goal, goal.aim)];
    if (rounds === undefined || rounds.length === 0) return [goal.what, ...bounds, 'not measured', '', ''];
    const { measured, verdict } = judge(goal, rounds);
    const all = rounds.length > 1 ? rounds.map(goal.show).join(', ') : '';
    return [goal.what, ...bounds, `**${goal.show(measured)}**`, all, verdict];
  });
  return `### The figures that matter\n\n${table(['', 'must', 'aim', 'measured', 'rounds', 'verdict'], rows)}`;
}

const bound = ({ show }: Goal, limit: Bound | undefined): string => {
  if (limit === undefined) return '';
  return 'atLeast' in limit ? `≥ ${show(limit.atLeast)}` : `≤ ${show(limit.atMost)}`;
};

function renderBatch({ batch }: Results): string | undefined {
  if (batch === undefined) return undefined;
  const { urls, scenarios, peakResidentMb, cpuMsPerUrl, idleCores, otherCores } = batch.figures;
  const rows = Object.entries(scenarios).flatMap(([mode, rounds]) => {
    const row = (name: string, { everfetch, bullmq, bare }: (typeof rounds)[number], more: string) => [
      mode,
      name,
      perSecond(everfetch),
      perSecond(bullmq),
      perSecond(bare),
      ratio(everfetch / bullmq),
      ratio(everfetch / bare),
      more,
    ];
    return rounds.map((round, index) => row(String(index + 1), round, String(round.refetches)));
  });
  const heads = ['target', 'round', 'everfetch', 'BullMQ', 'bare loop', '÷ BullMQ', '÷ bare loop', 'refetched'];
  const resources = cpuMsPerUrl.map(({ node, postgres, temporal, target }, index) => [
    String(index + 1),
    `${(peakResidentMb[index] ?? 0).toFixed(0)} MB`,
    ...[node, postgres, temporal, target].map(milli),
  ]);
  return [
    `### A batch of ${number(urls)} URLs (\`batch.ts\`)`,
    table(heads, rows),
    'What a URL of the plain batch costs: milliseconds of CPU, and the highest resident memory of the Node process.',
    table(['round', 'peak memory', 'Node (API, worker)', 'PostgreSQL', 'Temporal', 'the target'], resources),
    `While the others are measured, the idle everfetch with its servers takes ${(100 * idleCores).toFixed(1)} % of a core. All else on the machine took ${(100 * otherCores).toFixed(1)} % at that time.`,
  ].join('\n\n');
}

function renderSizes({ sizes }: Results): string | undefined {
  if (sizes === undefined) return undefined;
  const { rounds, peakResidentMb } = sizes.figures;
  const names = (rounds[0] ?? []).map(({ urls, batches }) => `${batches > 1 ? `${batches} × ` : ''}${number(urls)}`);
  const rows = rounds.map((round, index) => [
    String(index + 1),
    ...round.map(({ urlsPerSecond }) => perSecond(urlsPerSecond)),
    `${(peakResidentMb[index] ?? 0).toFixed(0)} MB`,
  ]);
  const medians = names.map((_, column) => perSecond(median(rounds.map((round) => round[column]?.urlsPerSecond ?? 0))));
  return [
    '### Batches of different sizes (`sizes.ts`)',
    table(['round', ...names, 'peak memory'], [...rows, ['median', ...medians, '']]),
  ].join('\n\n');
}

function renderSingleJobs(results: Results): string | undefined {
  const figures = results['single-jobs']?.figures;
  if (figures === undefined) return undefined;
  const rows = figures.rounds.map(({ noOp, job }, index) => [
    String(index + 1),
    `${noOp.toFixed(1)}/s`,
    `${job.toFixed(1)}/s`,
    ratio(job / noOp),
  ]);
  return [
    '### Single jobs (`single-jobs.ts`)',
    `Idle, POST to \`finished\`, ${figures.idleJobs} jobs one after another: p50 ${figures.idleP50Ms.toFixed(0)} ms, p95 ${figures.idleP95Ms.toFixed(0)} ms. With ${figures.inFlight} in flight:`,
    table(['round', 'bare no-op workflow', 'everfetch job', 'ratio'], rows),
  ].join('\n\n');
}

function renderBatchSubmit(results: Results): string | undefined {
  const figures = results['batch-submit']?.figures;
  if (figures === undefined) return undefined;
  const rows = figures.rounds.map(({ status, jobs, seconds, peakMb }, index) => [
    String(index + 1),
    `${status}, ${number(jobs)} jobs`,
    `${seconds.toFixed(2)} s`,
    `${peakMb.toFixed(0)} MB`,
  ]);
  return [
    `### ${number(figures.urls)} URLs in one submission (\`batch-submit.ts\`)`,
    table(['round', 'answer', 'time', 'peak memory'], [['idle', '', '', `${figures.idleMb.toFixed(0)} MB`], ...rows]),
  ].join('\n\n');
}

const DEAD: Readonly<Record<DeadReceiverKind, string>> = {
  refuses: 'beside one that refuses',
  silent: 'beside one that is silent',
};

function renderCallbacks({ callbacks }: Results): string | undefined {
  if (callbacks === undefined) return undefined;
  const { urls, deadUrls, rounds } = callbacks.figures;
  const seconds = (ms: number) => `${(ms / 1_000).toFixed(2)} s`;
  const megabytes = (mb: number) => `${mb.toFixed(0)} MB`;
  const row = (name: string, what: string, run: CallbackRun) => [
    name,
    what,
    perSecond(run.urlsPerSecond),
    perSecond(run.callsPerSecond),
    perSecond(run.callsPerSecondInAll),
    seconds(run.p50Ms),
    seconds(run.p99Ms),
    String(run.duplicates),
    megabytes(run.peakResidentMb),
  ];
  const rows = rounds.flatMap((round, index) => {
    const { urlsPerSecondWithout, peakResidentMbWithout, alone, besideDead, deadReceiver } = round;
    const name = String(index + 1);
    return [
      [name, 'none', perSecond(urlsPerSecondWithout), '', '', '', '', '', megabytes(peakResidentMbWithout)],
      row(name, 'one receiver', alone),
      row(name, DEAD[deadReceiver], besideDead),
    ];
  });
  const calls = ['calls, first to last', 'calls, from the submission', 'delay p50', 'delay p99', 'twice'];
  const cpu = rounds.map(({ cpuMsPerCall: { node, postgres, temporal, receiver } }, index) => [
    String(index + 1),
    ...[node, postgres, temporal, receiver].map(milli),
  ]);
  return [
    '### Callbacks (`callbacks.ts`)',
    `A batch of ${number(urls)} URLs; the dead receiver has another batch of ${number(deadUrls)}.`,
    table(['round', 'callbacks', 'URLs finished', ...calls, 'peak memory'], rows),
    'What a call costs: milliseconds of CPU beyond those of the batch without callbacks.',
    table(['round', 'Node (API, worker)', 'PostgreSQL', 'Temporal', 'the receiver'], cpu),
  ].join('\n\n');
}

function renderSafety({ safety }: Results): string | undefined {
  if (safety === undefined) return undefined;
  const { urls, scenarios } = safety.figures;
  const rows = Object.entries(scenarios).flatMap(([mode, rounds]) =>
    rounds.map(({ on, paced, off }, index) => [
      ...[mode, String(index + 1), perSecond(on), perSecond(paced), perSecond(off)],
      ...[ratio(on / off), ratio(paced / off)],
    ]),
  );
  const heads = ['target', 'round', 'as delivered', 'with a pace', 'off', 'delivered ÷ off', 'paced ÷ off'];
  return [
    `### What guard, politeness and decoding cost, ${number(urls)} URLs (\`safety.ts\`)`,
    table(heads, rows),
    '"Off" has no guard, no pacing, unpacks nothing and looks for no block page. "With a pace" asks PostgreSQL for every host\'s slots, at a pace wider than the sweep.',
  ].join('\n\n');
}

function renderRendering({ render }: Results): string | undefined {
  if (render === undefined) return undefined;
  const { width, pages, rounds, cpuMsPerPage, browserMb } = render.figures;
  const rates = rounds.map(({ pagesPerSecond }) => pagesPerSecond.toFixed(1)).join(', ');
  const { first, min, max, last, slopePer100Pages } = browserMb;
  const memory = [first, min, max, last].map((value) => `${value.toFixed(0)} MB`);
  return [
    `### Rendering, ${number(pages)} pages, ${width} at a time (\`render.ts\`)`,
    table(
      [
        'pages/s, by round',
        'CPU of the browser',
        'CPU of Node',
        'memory: first',
        'least',
        'most',
        'last',
        'per 100 pages',
      ],
      [
        [
          ...[rates, `${cpuMsPerPage.browser.toFixed(0)} ms a page`, `${cpuMsPerPage.node.toFixed(0)} ms`],
          ...[...memory, `${slopePer100Pages.toFixed(1)} MB`],
        ],
      ],
    ),
    'Memory is that of all processes of the browser (PSS), in one life of it.',
  ].join('\n\n');
}

function renderCircumstances(results: Results): string | undefined {
  const rows = Object.entries(results).map(([name, { measuredAt, machine, versions }]) => [
    `\`${name}\``,
    measuredAt.slice(0, 10),
    `${machine.cores} × ${machine.cpu}, ${machine.memoryGib} GiB, ${machine.kernel}`,
    Object.entries(versions)
      .map(([what, version]) => `${what} ${version}`)
      .join(', '),
  ]);
  if (rows.length === 0) return undefined;
  return `### On what\n\n${table(['script', 'date', 'machine', 'versions'], rows)}`;
}
