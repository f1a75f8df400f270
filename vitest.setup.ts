import { configureGlobal } from 'fast-check'

// Property tests try the same cases on every machine, so that a failure is never a surprise of the
// day. A new seed looks further: FC_SEED=$RANDOM npx vitest run
configureGlobal({ seed: Number(process.env.FC_SEED ?? 20_261_123) })
