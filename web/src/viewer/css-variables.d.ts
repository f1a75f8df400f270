import 'react'

declare module 'react' {
  /** Rows and axes hand their measures to the style sheet as custom properties. */
  interface CSSProperties {
    [variable: `--${string}`]: string | number | undefined
  }
}
