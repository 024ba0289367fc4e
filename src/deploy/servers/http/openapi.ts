import { z } from 'zod'
import type { FormField } from './form-keys.ts'
import type { Route } from './route.ts'
import { answers, components, requests } from './schemas.ts'

type Json = Readonly<Record<string, unknown>>

const reference = (id: string): Json => ({ $ref: `#/components/schemas/${id}` })
const content = (type: string, schema: Json): Json => ({ content: { [type]: { schema } } })

/** Errors that a path may answer with, beside those of every path. */
const ofEvery = {
  401: 'no or another token',
  405: 'another method',
  408: 'the request did not arrive in time',
}
const ofBodies = {
  400: 'the request, an image or a tensor cannot be used',
  413: 'more than the server takes',
  415: 'a body of another type',
  422: 'a text that is no command for the policy, or an action that its robot may not be told',
  500: 'the server failed',
}
const ofModels = { 404: 'no such model or version' }
const ofPools = {
  503: 'busy, stopping, or an instance of the model died; Retry-After says when to try again',
}

/** Bodies of KServe's answers, which are its own. */
const kserveSchemas: Readonly<Record<string, Json>> = {
  KserveError: { type: 'object', required: ['error'], properties: { error: { type: 'string' } } },
  KserveServer: {
    type: 'object',
    required: ['name', 'version', 'extensions'],
    properties: {
      name: { type: 'string' },
      version: { type: 'string' },
      extensions: { type: 'array', items: { type: 'string' } },
    },
  },
  KserveModel: {
    type: 'object',
    required: ['name', 'versions', 'platform', 'inputs', 'outputs'],
    properties: { name: { type: 'string' }, platform: { type: 'string' } },
  },
  KserveReady: { type: 'object', properties: { ready: { type: 'boolean' }, live: { type: 'boolean' } } },
  InferAnswer: {
    type: 'object',
    required: ['model_name', 'outputs'],
    properties: {
      model_name: { type: 'string' },
      outputs: { type: 'array', items: { type: 'object', required: ['name', 'datatype', 'shape'] } },
    },
  },
}

/** Schema of the answer of each path; of the others it is text. */
const answerOf: Readonly<Record<string, string>> = {
  '/v2': 'KserveServer',
  '/v2/health/live': 'KserveReady',
  '/v2/health/ready': 'KserveReady',
  '/v1/model': 'Model',
}

/** OpenAPI document of the paths of a server, 3.1. Schemas of requests are those that they are checked with. */
export function openapi(routes: readonly Route[], version: string): Json {
  const paths: Record<string, Record<string, Json>> = {}
  for (const route of routes) {
    const { path, method } = route
    paths[path] = { ...paths[path], [method.toLowerCase()]: operationOf(route) }
  }
  return {
    openapi: '3.1.0',
    info: { title: 'visuomotor serve', version, license: { name: 'MIT', identifier: 'MIT' } },
    paths,
    components: {
      schemas: { ...requestSchemas(), ...kserveSchemas },
      securitySchemes: { token: { type: 'http', scheme: 'bearer' } },
    },
    security: [{ token: [] }, {}],
  }
}

/** Schemas that are named here, by their names. */
function requestSchemas(): Record<string, Json> {
  const { schemas } = z.toJSONSchema(components, { io: 'input', uri: (id) => `#/components/schemas/${id}` })
  return Object.fromEntries(
    Object.entries(schemas).map(([id, { $schema: _, $id: __, ...schema }]) => [id, schema as Json]),
  )
}

function operationOf(route: Route): Json {
  const { method, path, isOpen, values = {} } = route
  const isKserve = path.startsWith('/v2')
  const hasModel = path.includes('{model}')
  const statuses = {
    ...ofEvery,
    ...(method === 'POST' && ofBodies),
    ...(hasModel && ofModels),
    ...((method === 'POST' || path.includes('ready')) && ofPools),
  }
  const error =
    path === '/readyz'
      ? content('text/plain', { type: 'string' })
      : content('application/json', reference(isKserve ? 'KserveError' : 'Error'))
  const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name!)
  return {
    operationId: `${method.toLowerCase()}${path.replace(/\W+(\w?)/g, (_, letter: string) => letter.toUpperCase())}`,
    ...(isOpen && { security: [] }),
    ...(names.length > 0 && {
      parameters: names.map((name) => ({ name, in: 'path', required: true, schema: { enum: values[name] } })),
    }),
    ...(method === 'POST' && { requestBody: { required: true, content: bodyOf(route) } }),
    responses: {
      200: { description: 'the answer', ...answer(route, hasModel) },
      ...Object.fromEntries(
        Object.entries(statuses).map(([status, description]) => [
          status,
          {
            description,
            ...(status === '503' && path.endsWith('ready') && isKserve ? answer(route, hasModel) : error),
          },
        ]),
      ),
    },
  }
}

function answer({ path, task }: Route, hasModel: boolean): Json {
  if (path === '/openapi.json') return content('application/json', { type: 'object' })
  const own = task && components.get(answers[task.name])?.id
  const name = own ?? answerOf[path] ?? (hasModel ? ofModel(path) : undefined)
  return name ? content('application/json', reference(name)) : content('text/plain', { type: 'string' })
}

const ofModel = (path: string): string =>
  path.endsWith('/infer') ? 'InferAnswer' : path.endsWith('/ready') ? 'KserveReady' : 'KserveModel'

function bodyOf({ task }: Route): Json {
  if (task === undefined) return { 'application/json': { schema: reference('InferRequest') } }
  return {
    'application/json': { schema: reference(components.get(requests[task.name])!.id) },
    'multipart/form-data': { schema: formSchema(task) },
  }
}

/** Form of a request: a field for each key; of a list, one for each of its items. */
function formSchema({ name, keys }: NonNullable<Route['task']>): Json {
  const shape: Readonly<Record<string, z.ZodType>> = requests[name].shape
  const fields = Object.entries(keys)
  const isRequired = ([key, { within }]: readonly [string, FormField]) =>
    within !== undefined || !shape[key]!.safeParse(undefined).success
  const required = fields.filter(isRequired).map(([, { field }]) => field)
  return {
    type: 'object',
    additionalProperties: false,
    required,
    properties: Object.fromEntries(
      fields.map(([, field]) => [field.field, fieldSchema(field, required.includes(field.field))]),
    ),
  }
}

function fieldSchema({ is, isList }: FormField, isRequired: boolean): Json {
  const picture = { type: 'string', contentMediaType: 'application/octet-stream' }
  if (is === 'picture')
    return isList ? { type: 'array', items: picture, ...(isRequired && { minItems: 1 }) } : picture
  // A list without items is a field that is not there, and whatever a form has in a field is a text.
  return isList
    ? { description: `a ${is}; the field may come several times` }
    : { type: 'string', minLength: 1 }
}
