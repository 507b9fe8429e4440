import { parseInstructionSet } from '../../src/jobs/instruction-set';

const css = (value: string) => ({ type: 'css', value });

test('takes what ScraperAPI documents, as an array or as a text', () => {
  const set = [
    { type: 'input', selector: css('#searchInput'), value: 'cowboy boots' },
    { type: 'click', selector: { type: 'xpath', value: '//button' } },
    { type: 'wait_for_selector', selector: css('#content'), timeout: 5 },
    { type: 'wait_for_event', event: 'networkidle', timeout: 10 },
    {
      type: 'loop',
      for: 3,
      instructions: [
        { type: 'scroll', direction: 'y', value: 'bottom' },
        { type: 'wait', value: 5 },
      ],
    },
    { type: 'scroll', direction: 'x', value: -200 },
  ];
  expect(parseInstructionSet(set)).toEqual({ ok: true, instructions: set });
  expect(parseInstructionSet(JSON.stringify(set))).toEqual({ ok: true, instructions: set });
  expect(parseInstructionSet([])).toEqual({ ok: true, instructions: [] });
});

test('takes what clients in the field send: numbers as texts, seconds for a timeout, keys that mean nothing', () => {
  expect(
    parseInstructionSet([
      { type: 'wait', value: '2.5', note: 'x' },
      { type: 'wait_for_event', event: 'stabilize', seconds: 10 },
      { type: 'loop', for: '2', instructions: [{ type: 'scroll', direction: 'y', value: '300' }] },
    ]),
  ).toEqual({
    ok: true,
    instructions: [
      { type: 'wait', value: 2.5 },
      { type: 'wait_for_event', event: 'stabilize', timeout: 10 },
      { type: 'loop', for: 2, instructions: [{ type: 'scroll', direction: 'y', value: 300 }] },
    ],
  });
});

const wait = { type: 'wait', value: 1 };
test.each<[unknown, string, RegExp]>([
  ['not JSON', 'instruction_set', /must be a JSON array/],
  ['{"type":"wait","value":1}', 'instruction_set', /must be a JSON array/],
  [{ type: 'wait' }, 'instruction_set', /must be a JSON array/],
  [null, 'instruction_set', /must be a JSON array/],
  [[wait, { type: 'hover' }], 'instruction_set[1].type', /must have the type click, input/],
  [[wait, 'click'], 'instruction_set[1]', /must have the type/],
  [[{ type: 'click' }], 'instruction_set[0].selector', /must be an object with type and value/],
  [[wait, wait, { type: 'click', selector: css('') }], 'instruction_set[2].selector.value', /must not be empty/],
  [
    [{ type: 'click', selector: { type: 'id', value: 'x' } }],
    'instruction_set[0].selector.type',
    /must be css, xpath or text/,
  ],
  [[{ type: 'input', selector: css('a'), value: 5 }], 'instruction_set[0].value', /must be a string/],
  [[{ type: 'input', selector: css('a'), value: 'x'.repeat(10_001) }], 'instruction_set[0].value', /at most 10000/],
  [[{ type: 'wait', value: 61 }], 'instruction_set[0].value', /must be at most 60/],
  [[{ type: 'wait', value: -1 }], 'instruction_set[0].value', /must be at least 0/],
  [[{ type: 'scroll', direction: 'z', value: 1 }], 'instruction_set[0].direction', /must be x or y/],
  [[{ type: 'scroll', direction: 'y', value: 'middle' }], 'instruction_set[0].value', /pixels, bottom or top/],
  [[{ type: 'wait_for_event', event: 'click' }], 'instruction_set[0].event', /must be one of domcontentloaded, load/],
  [[{ type: 'loop', for: 0, instructions: [wait] }], 'instruction_set[0].for', /must be at least 1/],
  [[{ type: 'loop', for: 2, instructions: [] }], 'instruction_set[0].instructions', /must not be empty/],
  [
    [{ type: 'loop', for: 2, instructions: [wait, { type: 'loop', for: 2, instructions: [wait] }] }],
    'instruction_set[0].instructions[1].type',
    /may not stand inside a loop/,
  ],
  [[{ type: 'loop', for: 2, instructions: [wait, { type: 'wait' }] }], 'instruction_set[0].instructions[1].value', /./],
  [[wait, { type: 'loop', for: 250, instructions: [wait, wait] }], 'instruction_set', /at most 500 steps/],
  [Array.from({ length: 501 }, () => wait), 'instruction_set', /at most 500 steps/],
])('refuses %j and says where (%#)', (value, path, message) => {
  expect(parseInstructionSet(value)).toEqual({ ok: false, path, message: expect.stringMatching(message) as unknown });
});

test('a loop of exactly 500 steps fits', () => {
  expect(parseInstructionSet([{ type: 'loop', for: 250, instructions: [wait, wait] }])).toMatchObject({ ok: true });
});
