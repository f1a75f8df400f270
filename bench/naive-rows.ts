declare global {
  interface Window {
    naive: { draw(most: number): Promise<number> }
  }
}

/**
 * Runs in the page: what the waterfall would be with all of its rows in the document. It copies the
 * rows that are drawn, as often as there are spans, in one go and without React, which would only add
 * to it; so what is measured is the browser's part.
 */
export function naiveRows(): void {
  const draw = (most: number): Promise<number> => {
    const rows = document.querySelector<HTMLElement>('.waterfall .rows')
    const drawn = [...(rows?.querySelectorAll<HTMLElement>('.row') ?? [])]
    if (rows === null || drawn.length === 0) throw new Error('there are no rows to copy')
    const facts = document.querySelector('.trace-facts')?.textContent ?? ''
    const count = Math.min(most, Number(/(\d+) spans/.exec(facts)?.[1]))
    const scroller = document.querySelector('.waterfall')!.cloneNode(false) as HTMLElement
    scroller.classList.add('naive')
    for (let index = 0; index < count; index++) {
      const row = drawn[index % drawn.length]!.cloneNode(true) as HTMLElement
      row.style.position = 'static'
      row.style.transform = ''
      scroller.append(row)
    }
    const began = performance.now()
    rows.closest('section')!.append(scroller)
    scroller.scrollIntoView()
    return new Promise((resolve) =>
      requestAnimationFrame(() => requestAnimationFrame(() => resolve(performance.now() - began))),
    )
  }
  window.naive = { draw }
}
