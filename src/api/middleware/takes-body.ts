import type { Request, Router } from 'express';

const METHODS: readonly string[] = ['POST', 'PUT', 'PATCH'];

/** The layers of the `router` package, as far as they are used here; Express' types leave them out. */
interface Layer {
  readonly route?: { readonly methods: Readonly<Record<string, boolean>> };
  /** Returns the match, or false. */
  match(path: string): unknown;
}

/** Returns a check whether a request has a method with a body and one of the routers has a route for it. */
export function takesBody(routers: readonly Router[]): (req: Request) => boolean {
  const layers = routers.flatMap((router) => router.stack as unknown as readonly Layer[]);
  return (req) => METHODS.includes(req.method) && layers.some((layer) => isFor(layer, req));
}

/** A layer without a route is a middleware or a nested router, which is not inspected further. */
function isFor(layer: Layer, req: Request): boolean {
  if (layer.route === undefined) return true;
  if (layer.route.methods[req.method.toLowerCase()] !== true) return false;
  try {
    return Boolean(layer.match(req.path));
  } catch {
    return false; // a parameter cannot be decoded; the router reports that later
  }
}
