// A page that is opened as a file may not start a worker, and search runs in one: there it runs in a hidden frame.
if (location.protocol === "file:") {
  window.Worker = class {
    constructor(url) {
      this.queue = [];
      this.frame = document.createElement("iframe");
      this.frame.hidden = true;
      this.frame.title = "search";
      document.documentElement.append(this.frame);
      const inside = this.frame.contentWindow;
      // Copies, and not at once: each side counts on the other not being done before its own call returns.
      inside.postMessage = (data) => {
        const event = new MessageEvent("message", { data: structuredClone(data) });
        setTimeout(() => this.onmessage && this.onmessage(event));
      };
      const script = inside.document.createElement("script");
      script.src = url;
      script.onload = () => {
        const waiting = this.queue;
        this.queue = null;
        for (const data of waiting) this.postMessage(data);
      };
      inside.document.head.append(script);
    }
    postMessage(data) {
      if (this.queue) this.queue.push(data);
      else {
        const event = new MessageEvent("message", { data: structuredClone(data) });
        setTimeout(() => this.frame.contentWindow && this.frame.contentWindow.onmessage(event));
      }
    }
    terminate() {
      this.frame.remove();
    }
  };
}
