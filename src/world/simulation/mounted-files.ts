import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import type { Mujoco } from './mujoco.ts'

/** Files that MuJoCo may read, by absolute path with slashes: `/home/me/robot.xml`, `/C:/robots/robot.xml`. */
export interface FileTree {
  /** Names of the folders at the root that may contain files. */
  readonly roots: readonly string[]
  kindOf(path: string): 'file' | 'folder' | undefined
  read(path: string): Uint8Array
}

/**
 * Files of this machine.
 * @param folder Folder on the drive to read, where there are several drives.
 */
export function disk(folder: string): FileTree {
  const drive = /^\/([A-Za-z]:)/.exec(folder)?.[1]
  const realPath = (path: string) => (drive === undefined ? path : path.slice(1))
  const kindOf = (path: string) => {
    const found = statSync(realPath(path), { throwIfNoEntry: false })
    return found?.isDirectory() ? 'folder' : found?.isFile() ? 'file' : undefined
  }
  return {
    roots: drive === undefined ? readdirSync('/').filter((name) => kindOf(`/${name}`) === 'folder') : [drive],
    kindOf,
    read: (path) => readFileSync(realPath(path)),
  }
}

/** A file in memory, by its absolute path with slashes. */
export interface StoredFile {
  readonly name: string
  readonly bytes: Uint8Array
}

/** Files in memory. */
export function storedFiles(files: readonly StoredFile[]): FileTree {
  const byPath = new Map(files.map(({ name, bytes }) => [name, bytes]))
  const folders = new Set(files.flatMap(({ name }) => foldersOf(name)))
  return {
    roots: [...new Set(files.map(({ name }) => name.split('/')[1]!))],
    kindOf: (path) => (byPath.has(path) ? 'file' : folders.has(path) ? 'folder' : undefined),
    read: (path) => byPath.get(path)!,
  }
}

/** List the folders of a path: `/a/b/c.obj` → `/a`, `/a/b`. */
function foldersOf(path: string): string[] {
  const parts = path.split('/').slice(1, -1)
  return parts.map((_, i) => `/${parts.slice(0, i + 1).join('/')}`)
}

/** Names of the devices in WebAssembly's file system. */
const occupied = new Set(['dev', 'proc', 'sys'])

/**
 * Mount files for MuJoCo's own rules: `work` runs with a tree mounted at the root of the file system that MuJoCo's
 * WebAssembly sees, and with `folder` as its working directory. The tree is read-only, and gone afterwards.
 */
export function withFiles<T>(mujoco: Mujoco, tree: FileTree, folder: string, work: () => T): T {
  const { FS } = mujoco
  const roots = tree.roots.filter((name) => !occupied.has(name))
  const before = FS.cwd() as string
  for (const name of roots) {
    if (!FS.analyzePath(`/${name}`, false).exists) FS.mkdir(`/${name}`)
    FS.mount({ mount: () => mountedNode(mujoco, tree, null, '/', `/${name}`) }, {}, `/${name}`)
  }
  try {
    if (roots.length > 0) FS.chdir(folder)
    return work()
  } finally {
    FS.chdir(before)
    for (const name of roots) FS.unmount(`/${name}`)
  }
}

/** Node of Emscripten's file system, with our fields. */
interface MountedNode {
  readonly id: number
  readonly mode: number
  path: string
  node_ops: object
  stream_ops: object
}

interface OpenFile {
  readonly node: MountedNode
  readonly position: number
}

const modes = { folder: 0o40555, file: 0o100444 }
const noSuchFile = 44

function mountedNode(
  mujoco: Mujoco,
  tree: FileTree,
  parent: MountedNode | null,
  name: string,
  path: string,
): MountedNode {
  const { FS } = mujoco
  const kind = tree.kindOf(path)
  if (kind === undefined) throw new FS.ErrnoError(noSuchFile)
  const node = FS.createNode(parent, name, modes[kind], 0) as MountedNode
  let bytes: Uint8Array | undefined
  const content = () => {
    bytes ??= tree.read(path)
    return bytes
  }
  node.path = path
  node.node_ops = {
    lookup: (folder: MountedNode, child: string) =>
      mountedNode(mujoco, tree, folder, child, `${folder.path}/${child}`),
    getattr: () => attributesOf(node, kind === 'file' ? content() : new Uint8Array()),
  }
  node.stream_ops = {
    read: (_: OpenFile, buffer: Uint8Array, offset: number, length: number, position: number) => {
      const part = content().subarray(position, position + length)
      buffer.set(part, offset)
      return part.length
    },
    llseek: ({ position }: OpenFile, offset: number, whence: number) =>
      offset + [0, position, content().length][whence]!,
  }
  return node
}

/** Times of kept arrays. */
const times = new WeakMap<Uint8Array, Date>()

/** Time of a file from its content, not from the disk: MuJoCo caches its result for a file until the time changes. */
function timeOf(bytes: Uint8Array): Date {
  const time = times.get(bytes) ?? new Date(1000 * createHash('sha256').update(bytes).digest().readUInt32BE())
  times.set(bytes, time)
  return time
}

function attributesOf({ id, mode }: MountedNode, bytes: Uint8Array): object {
  const written = timeOf(bytes)
  return {
    dev: 1,
    ino: id,
    mode,
    nlink: 1,
    uid: 0,
    gid: 0,
    rdev: 0,
    size: bytes.length,
    atime: written,
    mtime: written,
    ctime: written,
    blksize: 4096,
    blocks: Math.ceil(bytes.length / 4096),
  }
}
