import { Component, type ComponentType, lazy, type ReactNode, Suspense } from 'react'
import type { TraceTab } from './trace-tabs.ts'
import type { TraceViewProps } from './trace-view-props.ts'

/** What is behind a tab is loaded when the tab is first shown: most people only read the waterfall. */
const views: Record<Exclude<TraceTab, 'waterfall'>, ComponentType<TraceViewProps>> = {
  flame: lazy(async () => ({ default: (await import('../views/FlameView.tsx')).FlameView })),
  statistics: lazy(async () => ({
    default: (await import('../views/StatisticsView.tsx')).StatisticsView,
  })),
  graph: lazy(async () => ({ default: (await import('../views/GraphView.tsx')).GraphView })),
  compare: lazy(async () => ({ default: (await import('../views/CompareView.tsx')).CompareView })),
}

interface OtherViewProps extends TraceViewProps {
  tab: keyof typeof views
}

/** A view of the trace other than the waterfall. */
export function OtherView({ tab, ...props }: OtherViewProps) {
  const View = views[tab]
  return (
    <ViewBoundary key={tab}>
      <Suspense fallback={<p className="hint">Loading…</p>}>
        <View {...props} />
      </Suspense>
    </ViewBoundary>
  )
}

/** A view that cannot be loaded, or that fails, takes nothing else of the page with it. */
class ViewBoundary extends Component<{ children: ReactNode }, { error: unknown }> {
  override state = { error: undefined }

  static getDerivedStateFromError(error: unknown) {
    return { error }
  }

  override render() {
    if (this.state.error === undefined) return this.props.children
    return (
      <p className="warn-text" role="alert">
        This view could not be shown: {String(this.state.error)}. Reloading the page may help.
      </p>
    )
  }
}
