import { execFileSync } from 'node:child_process'

/**
 * Signals a process and all that it started, whatever process group they are in: Terraform is in one of its own,
 * and its provider another child below it.
 */
export function signalTree(root: number, signal: NodeJS.Signals): void {
  // Stands still first, so that nothing is started while the tree is looked at.
  send(root, 'SIGSTOP')
  for (const pid of treeOf(root).reverse()) send(pid, signal)
}

/** The process and all below it, parents first. */
function treeOf(root: number): number[] {
  const lines = execFileSync('ps', ['-A', '-o', 'pid=,ppid='], { encoding: 'utf8' }).trim().split('\n')
  const pairs = lines.map((line) => line.trim().split(/\s+/).map(Number))
  const below = (parent: number): number[] =>
    pairs.flatMap(([pid = 0, ppid]) => (ppid === parent ? [pid, ...below(pid)] : []))
  return [root, ...below(root)]
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  } catch {
    // It has just ended.
  }
}
