/** Reads items as DynamoDB writes them: in an envelope, and each value under the letter of its type. */

/** An object of JSON. */
export type Fields = Record<string, unknown>

/** Whether a value is an object of JSON, and no list. */
export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Returns an item of a scan, or of an export to S3, as plain fields. Anything else is returned as it is. */
export function unwrap(fields: Fields): Fields {
  const item = [fields.Item, fields.NewImage].find(isFields) ?? fields
  return isFields(item.PK) ? unmarshal(item) : item
}

/** Reads strings and maps, since a user has nothing else. */
function unmarshal(attributes: Fields): Fields {
  const values = Object.entries(attributes).map(([name, attribute]) => {
    const { S, M } = isFields(attribute) ? attribute : {}
    return [name, isFields(M) ? unmarshal(M) : typeof S === 'string' ? S : undefined]
  })
  return Object.fromEntries(values)
}
