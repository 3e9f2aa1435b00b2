import { readFileSync, readSync } from 'node:fs'
import { isatty } from 'node:tty'
import { invalid, type Parsed, valid } from './problems'

const STDIN = 0
/** Milliseconds. */
const PAUSE = 50

/** The text of a file, or with `-` of the standard input. */
export function readText(file: string): Parsed<string> {
  try {
    if (file !== '-') return valid(textOf(readFileSync(file)))
    if (!isatty(STDIN)) return valid(textOf(readStandardInput()))
    // It would wait for somebody to type them, without a word.
    return invalid(
      'The standard input is a terminal',
      'Pipe into it what `terraform output -json` prints, or give a file',
    )
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException
    return code === 'ENOENT'
      ? invalid('There is no such file', 'Write what `terraform output -json` prints into it first')
      : invalid(`It cannot be read (${code})`, 'Give a file, or "-" for the standard input')
  }
}

/** Whoever shares a pipe may have set it to fail where it would wait: it is waited for all the same. */
function readStandardInput(): Buffer {
  const chunks: Buffer[] = []
  const chunk = Buffer.alloc(65_536)
  for (;;) {
    try {
      const bytes = readSync(STDIN, chunk)
      if (bytes === 0) return Buffer.concat(chunks)
      chunks.push(Buffer.from(chunk.subarray(0, bytes)))
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      // How Windows says the end.
      if (code === 'EOF') return Buffer.concat(chunks)
      if (code !== 'EAGAIN') throw error
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, PAUSE)
    }
  }
}

/** Redirection in Windows PowerShell writes UTF-16; what is UTF-8 may have a mark at the beginning there. */
function textOf(bytes: Buffer): string {
  const mark = bytes.subarray(0, 2).toString('hex')
  const encoding = { fffe: 'utf-16le', feff: 'utf-16be' }[mark] ?? 'utf-8'
  return new TextDecoder(encoding).decode(bytes)
}
