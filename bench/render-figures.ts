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
    /** Of a straight line through the samples of the second half: growth per 100 pages. */
    readonly slopePer100Pages: number;
  };
}
