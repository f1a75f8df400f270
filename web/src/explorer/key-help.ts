/** The keys, by where they work, as the sheet shows them. */
export const keyHelp: { where: string; keys: [keys: string, does: string][] }[] = [
  {
    where: 'Everywhere',
    keys: [
      ['?', 'show this sheet'],
      ['/', 'go to the query'],
      ['1 2 3 4', 'traces, operations, service map, requests'],
      ['h', 'hold: pause, and go on'],
      ['Tab', 'the next part; lists and plots are one stop each'],
    ],
  },
  {
    where: 'In the query',
    keys: [
      ['↑ ↓', 'go through what may come next'],
      ['Enter', 'take the chosen one, or search'],
      ['Esc', 'close the list'],
      ['Ctrl Space', 'open the list'],
    ],
  },
  {
    where: 'In a list or the plot',
    keys: [
      ['↑ ↓', 'the one before, the next one (in the plot also ← →)'],
      ['Home End', 'the first, the last'],
      ['Enter', 'open it'],
    ],
  },
  {
    where: 'In the spans of a trace',
    keys: [
      ['↑ ↓', 'the span before, the next one'],
      ['→ ←', 'open and close what is below it; go into it and out'],
      ['Home End', 'the first, the last'],
      ['Enter', 'show its detail'],
      ['n p', 'the next error, the one before'],
      ['z Z', 'zoom into the time of the span, and out'],
      ['Esc', 'close the detail'],
    ],
  },
]
