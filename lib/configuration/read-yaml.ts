import {
  type Document,
  type ErrorCode,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseDocument,
} from 'yaml';
import { Failure } from '../../contracts/failures';
import { located, type Entry, type Origin, type Tree } from './tree';

/** Bytes of the largest file that is read. */
export const largestFile = 1024 * 1024;
const mostNodes = 50_000;
const deepest = 50;

/** What the parser's codes mean for people; its own messages may hold the file's text. */
const meanings: Readonly<Record<ErrorCode, string>> = {
  DUPLICATE_KEY: 'this key is there twice',
  MULTIPLE_DOCS: 'a second document begins here; expected one',
  TAB_AS_INDENT: 'a tab; indent with spaces',
  BAD_INDENT: 'the indentation is not that of its neighbours, or a bracket before it is still open',
  MISSING_CHAR: 'a character is missing here: a quote, a bracket, a comma, or the space after a colon',
  BAD_ALIAS: 'this alias is not valid',
  TAG_RESOLVE_FAILED: 'a tag that is not known',
  BAD_COLLECTION_TYPE: 'a tag that does not fit what it stands before',
  MULTIPLE_TAGS: 'two tags; expected one at most',
  MULTIPLE_ANCHORS: 'two anchors; expected one at most',
  ALIAS_PROPS: 'an alias with a tag or an anchor; expected the alias alone',
  BAD_PROP_ORDER: 'a tag or an anchor before the - or the ? that it belongs after',
  BLOCK_AS_IMPLICIT_KEY:
    'a second key on one line; put it on a line of its own, or text with a colon in quotes',
  MULTILINE_IMPLICIT_KEY: 'a key that is not on one line, or one without a colon after it',
  KEY_OVER_1024_CHARS: 'a key of more than 1024 characters',
  NON_STRING_KEY: 'a key that is no text',
  BLOCK_IN_FLOW: 'indented lines between brackets; write them as [a, b] or {a: b}, too',
  BAD_SCALAR_START: 'text that begins with a sign that YAML keeps for itself; put it in quotes',
  BAD_DQ_ESCAPE: 'a backslash before a character that needs none; use single quotes, or two backslashes',
  BAD_DIRECTIVE: 'a line with % that is not known',
  UNEXPECTED_TOKEN: 'something that cannot stand here: a comma, a bracket or text too many',
  RESOURCE_EXHAUSTION: 'too much inside one another',
  IMPOSSIBLE: 'something that YAML does not have',
};

/**
 * Reads one YAML 1.2 document (JSON is one, too), with the position of everything in it.
 *
 * @param file - What messages call it.
 * @throws Failure `configuration-invalid`, with line and column: too large, not YAML, a key twice, a tag,
 * an alias that is unknown or that makes the document grow beyond measure.
 */
export function readYaml(text: string, file: string): Tree {
  if (Buffer.byteLength(text) > largestFile) {
    throw new Failure('configuration-invalid', `${file}: larger than 1 MB; expected a configuration`);
  }
  const lineCounter = new LineCounter();
  const document = parseDocument(text, { lineCounter, prettyErrors: false, version: '1.2', merge: false });
  const originAt = (offset: number): Origin => {
    const { line, col } = lineCounter.linePos(offset);
    return { file, line, column: col };
  };
  const wrong = [...document.errors, ...document.warnings];
  if (wrong.length > 0) {
    const lines = wrong.slice(0, 10).map(({ code, pos }) => {
      return `${located(originAt(pos[0]), [])}: ${meanings[code]}`;
    });
    throw new Failure('configuration-invalid', lines.join('\n'));
  }
  return new Reader(document, originAt).read(document.contents, { file, line: 1, column: 1 }, 0);
}

class Reader {
  private nodes = 0;

  constructor(
    private readonly document: Document,
    private readonly originAt: (offset: number) => Origin,
  ) {}

  read(node: Node | null, fallback: Origin, depth: number): Tree {
    const origin = node?.range ? this.originAt(node.range[0]) : fallback;
    this.nodes += 1;
    // Aliases are followed here, and what they stand for is counted each time: ten lines of them could
    // mean a billion nodes, or a circle.
    if (this.nodes > mostNodes || depth > deepest) {
      throw this.refused(origin, `more than ${mostNodes} values, or ${deepest} levels, with its aliases`);
    }
    if (isAlias(node)) {
      const target = node.resolve(this.document);
      if (target === undefined) throw this.refused(origin, 'an alias with no anchor before it');
      return this.read(target, origin, depth + 1);
    }
    if (isSeq<Node>(node)) {
      const items = node.items.map((item) => this.read(item, origin, depth + 1));
      return { kind: 'list', origin, items };
    }
    if (isMap<Node, Node | null>(node)) {
      const entries = new Map<string, Entry>();
      for (const { key, value } of node.items) {
        const keyOrigin = key.range ? this.originAt(key.range[0]) : origin;
        if (!isScalar(key)) throw this.refused(keyOrigin, 'expected a plain key');
        const name = String(key.value);
        // `1` and `"1"` are two keys to YAML, and one to us.
        if (entries.has(name)) throw this.refused(keyOrigin, 'this key is there twice');
        entries.set(name, { origin: keyOrigin, tree: this.read(value, keyOrigin, depth + 1) });
      }
      return { kind: 'map', origin, entries };
    }
    if (!isScalar(node)) return { kind: 'scalar', origin, value: null, float: false };
    const { value, source } = node;
    if (typeof value === 'number') {
      // `1.0` and `1e3` are floats, `0x1e` is not.
      const float = !Number.isInteger(value) || /^[-+]?[0-9.]*[.eE]/.test(source ?? '');
      return { kind: 'scalar', origin, value, float };
    }
    if (typeof value === 'string' || typeof value === 'boolean' || value === null) {
      return { kind: 'scalar', origin, value, float: false };
    }
    throw this.refused(origin, 'expected text, a number, true, false, a list or a map');
  }

  private refused(origin: Origin, message: string): Failure {
    return new Failure('configuration-invalid', `${located(origin, [])}: ${message}`);
  }
}
