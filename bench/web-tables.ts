import type { Results } from './results';
import { milli, number, perSecond, ratio, table } from './table';

/** The parts about the web as it is: slow, by name, with dead hosts. */
export const renderWeb = (results: Results): readonly (string | undefined)[] => [
  renderRealWeb(results, 'real-web'),
  renderRealWeb(results, 'real-web-https'),
  renderHandshakes(results),
  renderNames(results),
  renderDeadHosts(results),
  renderLevels(results),
];

const seconds = (value: number): string => `${value.toFixed(2)} s`;

function renderRealWeb(results: Results, name: 'real-web' | 'real-web-https'): string | undefined {
  const result = results[name];
  if (result === undefined) return undefined;
  const { urls, hosts, rounds } = result.figures;
  const widths = Object.keys(rounds[0]?.bullmq ?? {});
  const hasScrapy = rounds.some(({ scrapy }) => scrapy !== undefined);
  const rows = rounds.map(
    ({ everfetch, bullmq, scrapy, cpuMs, pagesPerSegment, peakResidentMb, loop, handshakes }, index) => [
      String(index + 1),
      perSecond(everfetch),
      ...widths.map((width) => perSecond(bullmq[width] ?? 0)),
      ...(hasScrapy ? [scrapy === undefined ? '–' : perSecond(scrapy)] : []),
      ratio(everfetch / Math.max(...Object.values(bullmq))),
      milli(cpuMs),
      pagesPerSegment.toFixed(0),
      `${peakResidentMb.toFixed(0)} MB`,
      `${loop.p50Ms.toFixed(0)} / ${loop.worstP99Ms.toFixed(0)} ms`,
      ...(handshakes ? [number(handshakes.full), number(handshakes.resumed)] : []),
    ],
  );
  const isTls = name === 'real-web-https';
  const tlsHeads = isTls ? ['full handshakes', 'resumed'] : [];
  const heads = [
    'round',
    'everfetch',
    ...widths.map((width) => `BullMQ, ${width}`),
    ...(hasScrapy ? ['Scrapy, 1,000'] : []),
    '÷ the best of BullMQ',
    'CPU ms per page',
  ];
  return [
    `### ${number(urls)} URLs on ${number(hosts)} hosts that answer after 0.6 s on average (\`real-web.ts${isTls ? ' --https' : ''}\`)`,
    `BullMQ at 128${hasScrapy ? ' and Scrapy' : ''} got a fifth of the URLs, because their rates need no more, and it takes minutes.`,
    table([...heads, 'pages per segment', 'peak memory', 'timers late: median / worst', ...tlsHeads], rows),
  ].join('\n\n');
}

function renderHandshakes({ handshakes }: Results): string | undefined {
  if (handshakes === undefined) return undefined;
  const { connections, versions } = handshakes.figures;
  const rows = versions.map(({ version, plainMs, fullMs, resumedMs, resumed }) => [
    ...[version, ...[plainMs, fullMs, resumedMs].map((ms) => `${milli(ms)} ms`), number(resumed)],
  ]);
  const heads = ['', 'a connection and a page', 'a full handshake', 'a resumed one', 'handshakes resumed'];
  return [`### CPU of a connection, ${number(connections)} of each kind (\`handshakes.ts\`)`, table(heads, rows)].join(
    '\n\n',
  );
}

function renderNames({ names }: Results): string | undefined {
  if (names === undefined) return undefined;
  const { urls, nameServerMs, rounds } = names.figures;
  const rows = rounds.flatMap(({ first, again, questions, questionsAgain }, index) =>
    (
      [
        ['first', first, questions],
        ['again', again, questionsAgain],
      ] as const
    ).map(([what, { addressSeconds, nameSeconds }, asked]) => [
      ...[String(index + 1), what, seconds(addressSeconds), seconds(nameSeconds)],
      ...[ratio(nameSeconds / addressSeconds), number(asked)],
    ]),
  );
  return [
    `### ${number(urls)} URLs on as many names, each told after ${nameServerMs} ms (\`names.ts\`)`,
    table(['round', '', 'by address', 'by name', '÷', 'questions to the name server'], rows),
  ].join('\n\n');
}

function renderDeadHosts(results: Results): string | undefined {
  const figures = results['dead-hosts']?.figures;
  if (figures === undefined) return undefined;
  const rows = figures.rounds.map(({ withoutSeconds, withSeconds }, index) => [
    ...[String(index + 1), seconds(withoutSeconds), seconds(withSeconds), ratio(withSeconds / withoutSeconds)],
  ]);
  return [
    `### ${number(figures.urls)} URLs on ${number(figures.hosts)} hosts of which 12 % are dead (\`dead-hosts.ts\`)`,
    table(['round', '99 % of the good pages, alone', 'among the dead', '÷'], rows),
  ].join('\n\n');
}

function renderLevels({ levels }: Results): string | undefined {
  if (levels === undefined) return undefined;
  const { pagesPerSecond, inFlight, urls, rounds } = levels.figures;
  const percent = (cores: number): string => `${(100 * cores).toFixed(1)} %`;
  const rows = rounds.map(({ idleCores, trickleCores, besideBatchP50Ms, residentMb }, index) => [
    ...[String(index + 1), percent(idleCores), percent(trickleCores), `${besideBatchP50Ms.toFixed(0)} ms`],
    `${residentMb.toFixed(0)} MB`,
  ]);
  const job = `a job beside ${number(urls)} URLs (p50)`;
  const heads = ['round', 'idle: of a core', `${pagesPerSecond} pages/s`, job, `memory, ${number(inFlight)} in flight`];
  return [`### Other levels of load (\`levels.ts\`)`, table(heads, rows)].join('\n\n');
}
