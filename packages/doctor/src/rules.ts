import type { Rule } from './rule.ts'
import { childOutsideParent } from './rules/clocks/child-outside-parent.ts'
import { clockJump } from './rules/clocks/clock-jump.ts'
import { clockSkew } from './rules/clocks/clock-skew.ts'
import { deprecatedAttribute, unknownAttribute } from './rules/instrumentation/attribute-names.ts'
import { dependencyUnreachable } from './rules/instrumentation/dependency-unreachable.ts'
import { duplicateExport } from './rules/instrumentation/duplicate-export.ts'
import {
  errorTypeWithoutStatus,
  errorWithoutStatus,
  errorWithoutType,
} from './rules/instrumentation/error-status.ts'
import { giantAttribute } from './rules/instrumentation/giant-attribute.ts'
import { highCardinalityName } from './rules/instrumentation/high-cardinality-name.ts'
import { nPlusOne } from './rules/instrumentation/n-plus-one.ts'
import { secretInAttribute } from './rules/instrumentation/secret-in-attribute.ts'
import { unendedSpan, zeroLengthSpan } from './rules/instrumentation/span-length.ts'
import { unknownService } from './rules/instrumentation/unknown-service.ts'
import { wrongKind } from './rules/instrumentation/wrong-kind.ts'
import { contextLost } from './rules/propagation/context-lost.ts'
import { headerAbsent } from './rules/propagation/header-absent.ts'
import { headerDuplicated, headerMalformed } from './rules/propagation/header-malformed.ts'
import { headerNotSampled } from './rules/propagation/header-not-sampled.ts'
import { headerOverwritten } from './rules/propagation/header-overwritten.ts'
import { headerStale } from './rules/propagation/header-stale.ts'
import { parentIdMismatch } from './rules/propagation/parent-id-mismatch.ts'
import { parentMissing } from './rules/propagation/parent-missing.ts'
import { preflightRefused, serverSpanMissing } from './rules/propagation/server-span-missing.ts'
import { severalRoots } from './rules/propagation/several-roots.ts'

export const rules: readonly Rule[] = [
  headerAbsent,
  headerMalformed,
  headerDuplicated,
  headerOverwritten,
  headerStale,
  headerNotSampled,
  parentIdMismatch,
  preflightRefused,
  serverSpanMissing,
  parentMissing,
  severalRoots,
  contextLost,
  clockSkew,
  clockJump,
  childOutsideParent,
  dependencyUnreachable,
  unknownService,
  wrongKind,
  errorWithoutStatus,
  errorWithoutType,
  errorTypeWithoutStatus,
  highCardinalityName,
  deprecatedAttribute,
  unknownAttribute,
  secretInAttribute,
  zeroLengthSpan,
  unendedSpan,
  nPlusOne,
  duplicateExport,
  giantAttribute,
]
