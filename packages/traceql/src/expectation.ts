const words: Record<string, string> = {
  field: 'an attribute or intrinsic',
  value: 'a value',
  number: 'a number or duration',
  aggregate: 'count(), avg(), min(), max(), sum()',
  end: 'the end',
}

/** What could have stood in a place, for people: of the operators only their kinds. */
export function describe(expected: ReadonlySet<string>): string[] {
  const texts = [...expected].map((each) => {
    if (Object.hasOwn(words, each))
      return each === 'number' && expected.has('value') ? '' : words[each]!
    if (/^[!&]?(>>?|<<?|~)$/.test(each) && !expected.has('<=')) return 'a structural operator'
    if (/^(!=|[<>]=?|=~?|!~)$/.test(each)) return 'a comparison'
    return each
  })
  return [...new Set(texts.filter((each) => each !== ''))]
}
