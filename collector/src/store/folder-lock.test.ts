import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it, onTestFinished } from 'vitest'
import { temporaryFolder } from '../testing.ts'
import { lockFolder } from './folder-lock.ts'

it('lets one have a folder at a time, by whatever name', async () => {
  const folder = temporaryFolder()
  const link = join(temporaryFolder(), 'link')
  symlinkSync(folder, link)
  const unlock = await lockFolder(folder)
  for (const name of [folder, link]) {
    await expect(lockFolder(name)).rejects.toThrow(`another collector is using ${name}`)
  }
  const other = await lockFolder(temporaryFolder())
  await other()
  await unlock()
  await (await lockFolder(link))()
})

it('gives the folder back when its process is killed', async () => {
  const folder = temporaryFolder()
  const module = fileURLToPath(new URL('./folder-lock.ts', import.meta.url))
  const code = `import { lockFolder } from ${JSON.stringify(module)}
    lockFolder(${JSON.stringify(folder)}).then(() => process.send('locked'))
    process.on('message', () => undefined)`
  const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', code], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
  onTestFinished(() => {
    child.kill('SIGKILL')
  })
  await once(child, 'message')
  await expect(lockFolder(folder)).rejects.toThrow('another collector')
  child.kill('SIGKILL')
  await once(child, 'exit')
  await (await lockFolder(folder))()
})
