// Types of what the page takes from preact.js.

export type Child = any;
export type Component<P> = (props: P) => Child;
export interface Signal<T> {
  value: T;
  peek(): T;
}
export function html(strings: TemplateStringsArray, ...values: any[]): Child;
export function h(type: any, props?: any, ...children: any[]): Child;
export function createElement(type: any, props?: any, ...children: any[]): Child;
export function render(child: Child, into: Element): void;
export const Fragment: any;
export function signal<T>(value: T): Signal<T>;
export function computed<T>(compute: () => T): { readonly value: T; peek(): T };
export function effect(run: () => void | (() => void)): () => void;
export function batch<T>(run: () => T): T;
export function untracked<T>(run: () => T): T;
export function useState<T>(first: T | (() => T)): [T, (next: T | ((now: T) => T)) => void];
export function useRef<T>(first: T): { current: T };
export function useEffect(run: () => void | (() => void), needs?: any[]): void;
export function useLayoutEffect(run: () => void | (() => void), needs?: any[]): void;
export function useMemo<T>(make: () => T, needs: any[]): T;
export function useCallback<T>(run: T, needs: any[]): T;
