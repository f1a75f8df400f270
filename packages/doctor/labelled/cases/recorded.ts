import type { LabelledCase } from '../build.ts'
import type { Recorded } from '../generate.ts'

/** What was recorded, as it came: nearly all of it is healthy. */
export function recordedAsTheyAre(recorded: Recorded): LabelledCase[] {
  const expected: Record<string, LabelledCase['expected']> = {
    malformed: [{ rule: 'header-malformed', span: '/ping' }],
    duplicated: [{ rule: 'header-duplicated', span: '/ping' }],
    'redis-down': [{ rule: 'dependency-unreachable', span: 'server redis operation' }],
    'mongodb-down': [{ rule: 'dependency-unreachable', span: 'server mongo operation' }],
    'python-legacy': [
      { rule: 'deprecated-attribute', span: 'GET' },
      { rule: 'deprecated-attribute', span: 'GET /items/<int:id>' },
    ],
    'python-torn': [
      { rule: 'header-absent', span: 'GET' },
      { rule: 'header-absent', span: 'GET /items/<int:id>' },
    ],
    'node-stock': [{ rule: 'deprecated-attribute', span: 'tcp.connect' }],
  }
  const names = [
    'one-click',
    'late-end',
    'no-header',
    'malformed',
    'duplicated',
    'redis-down',
    'mongodb-down',
    'no-answer',
    'python',
    'python-404',
    'python-legacy',
    'python-torn',
    'node-stock',
    'go',
    'go-404',
    'java',
    'java-404',
  ]
  return names.map((name) => ({
    name,
    about: 'recorded as it came; see recorded.jsonl',
    expected: expected[name] ?? [],
    data: recorded(name),
  }))
}
