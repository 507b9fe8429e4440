import type { Results } from './results';
import { milli, number, perSecond, ratio, table } from './table';

/** The parts about the web as it is: slow, by name, with dead hosts. */
export const renderWeb = (results: Results): readonly (string | undefined)[] => [
  renderRealWeb(results),
  renderNames(results),
  renderDeadHosts(results),
];

const seconds = (value: number): string => `${value.toFixed(2)} s`;

function renderRealWeb(results: Results): string | undefined {
  const result = results['real-web'];
  if (result === undefined) return undefined;
  const { urls, hosts, rounds } = result.figures;
  const widths = Object.keys(rounds[0]?.bullmq ?? {});
  const rows = rounds.map(({ everfetch, bullmq, cpuMs, pagesPerSegment, peakResidentMb }, index) => [
    String(index + 1),
    perSecond(everfetch),
    ...widths.map((width) => perSecond(bullmq[width] ?? 0)),
    ratio(everfetch / Math.max(...Object.values(bullmq))),
    milli(cpuMs),
    pagesPerSegment.toFixed(0),
    `${peakResidentMb.toFixed(0)} MB`,
  ]);
  const heads = ['round', 'everfetch', ...widths.map((width) => `BullMQ, ${width}`), '÷ the best', 'CPU ms per page'];
  return [
    `### ${number(urls)} URLs on ${number(hosts)} hosts that answer after 0.6 s on average (\`real-web.ts\`)`,
    table([...heads, 'pages per segment', 'peak memory'], rows),
  ].join('\n\n');
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
