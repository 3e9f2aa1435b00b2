import * as path from 'node:path'
import { homeDirectory } from './home'
import type { Environment } from './request'
import { invalid, type Parsed, show, valid } from './problems'

/** Where synth writes unless told otherwise. */
export const DEFAULT_OUTPUT_DIRECTORY = 'valohai-s3-terraform'

const FIX = `Write a directory of its own, for example "${DEFAULT_OUTPUT_DIRECTORY}"`

/** A directory for the exported files: any but the root and the home directory, where a slip is costly. */
export function outputDirectory(text: string, environment: Environment): Parsed<string> {
  if (text.includes('\0')) return invalid(`${show(text)} is not a path`, FIX)
  if (/^~(?:[/\\]|$)/.test(text)) {
    return invalid(
      `${show(text)} begins with "~", which the shell alone understands`,
      'Write the path in full',
    )
  }
  const full = path.resolve(text)
  if (full === path.parse(full).root) return invalid(`${show(text)} is the root directory`, FIX)
  const home = homeDirectory(environment)
  if (home !== undefined && full === path.resolve(home)) {
    return invalid(`${show(text)} is the home directory`, FIX)
  }
  return valid(text)
}
