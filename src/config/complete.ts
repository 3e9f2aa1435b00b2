type Complete<T> = { [Name in keyof T]: Exclude<T[Name], undefined> }

/** The same fields where all of them are there, else `undefined`: a problem was found and is reported. */
export function complete<T extends object>(fields: T): Complete<T> | undefined {
  return Object.values(fields).includes(undefined) ? undefined : (fields as Complete<T>)
}
