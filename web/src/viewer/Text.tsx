import { useState } from 'react'
import { nameText, visibleText } from './visible-text.ts'
import './Text.css'

/** A text that anybody may have sent: whatever it holds, it is read as text and stays in its place. */
export function Text({ text }: { text: string }) {
  return (
    <bdi>
      {visibleText(text).map(({ text: piece, isCharacter }, index) =>
        isCharacter ? (
          <span key={`${index}`} className="unseen-character">
            {piece}
          </span>
        ) : (
          piece
        ),
      )}
    </bdi>
  )
}

/** A name that anybody may have given, in a list or a heading. */
export function Name({ text }: { text: string }) {
  return <Text text={nameText(text)} />
}

/** Characters shown of a long text at first: more would take long to draw, and nobody reads it. */
const cutAt = 2_000

/** The same, of any length. */
export function LongText({ text }: { text: string }) {
  const [isWhole, setIsWhole] = useState(false)
  if (isWhole || text.length <= cutAt) return <Text text={text} />
  return (
    <>
      <Text text={`${text.slice(0, cutAt)}…`} />{' '}
      <button type="button" className="button-small" onClick={() => setIsWhole(true)}>
        Show all {text.length} characters
      </button>
    </>
  )
}
