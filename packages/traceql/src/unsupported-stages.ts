/** Functions of Tempo's pipelines that are not here: an error names them. */
const functions = [
  'by',
  'coalesce',
  'select',
  'with',
  'rate',
  'count_over_time',
  'min_over_time',
  'max_over_time',
  'avg_over_time',
  'sum_over_time',
  'quantile_over_time',
  'histogram_over_time',
  'compare',
  'topk',
  'bottomk',
]

export function isUnsupportedStage(word: string): boolean {
  return functions.includes(word)
}
