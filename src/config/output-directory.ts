import { homedir } from 'node:os'
import * as path from 'node:path'
import { invalid, type Parser, show, valid } from './problems'

/** Where synth writes unless told otherwise. */
export const DEFAULT_OUTPUT_DIRECTORY = 'valohai-s3-terraform'

/** A directory for the exported files: any but the root and the home directory, where a slip is costly. */
export function outputDirectory(home: string | undefined): Parser<string> {
  const fix = `Write a directory of its own, for example "${DEFAULT_OUTPUT_DIRECTORY}"`
  return (text) => {
    if (text.includes('\0')) return invalid(`${show(text)} is not a path`, fix)
    if (/^~(?:[/\\]|$)/.test(text)) {
      return invalid(
        `${show(text)} begins with "~", which the shell alone understands`,
        'Write the path in full',
      )
    }
    const full = path.resolve(text)
    if (full === path.parse(full).root) return invalid(`${show(text)} is the root directory`, fix)
    if (full === path.resolve(home ?? homedir())) return invalid(`${show(text)} is the home directory`, fix)
    return valid(text)
  }
}
