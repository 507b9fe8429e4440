/** What `render.ts` measures. */
export interface RenderFigures {
  /** Pages at once. */
  readonly width: number;
  readonly pages: number;
  readonly rounds: readonly { readonly pagesPerSecond: number }[];
  /** Processor time of the browser's processes and of Node, ms per page: what is left when others keep the machine busy. */
  readonly cpuMsPerPage: { readonly browser: number; readonly node: number };
  /** Memory of the browser's processes together (PSS), MB, sampled over all rounds in one life of the browser. */
  readonly browserMb: {
    readonly first: number;
    readonly min: number;
    readonly max: number;
    readonly last: number;
    /** Growth per 100 pages, from a straight line through the samples of the second half. */
    readonly slopePer100Pages: number;
  };
}
