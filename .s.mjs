import sharp from 'sharp'
import { Resvg } from '@resvg/resvg-js'
sharp.concurrency(1);sharp.cache(false)
import {readFileSync} from 'fs'
const icons=JSON.parse(readFileSync('node_modules/@iconify-json/noto-v1/icons.json')).icons
const list=Object.values(icons).slice(100,250).map(i=>`<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="64" height="64" viewBox="0 0 128 128">${i.body}</svg>`)
const T=async(n,f)=>{for(const x of list.slice(0,30))await f(x);const t=performance.now();const c=process.cpuUsage();for(const x of list)await f(x);const d=process.cpuUsage(c);console.log(n,((d.user+d.system)/list.length/1e3).toFixed(2),'ms cpu')}
for(let r=0;r<2;r++){
await T('sharp',x=>sharp(Buffer.from(x)).resize({width:72,height:72,fit:'outside',kernel:'cubic'}).raw().toBuffer())
await T('sharp 64 no resize',x=>sharp(Buffer.from(x)).raw().toBuffer())
await T('resvg',x=>new Resvg(x,{fitTo:{mode:'width',value:72},font:{loadSystemFonts:false}}).render().pixels)
const g=readFileSync('node_modules/emoji-datasource-google/img/google/64/1f600.png')
await T('png sharp',()=>sharp(g).raw().toBuffer())
await T('png sharp resize same',()=>sharp(g,{failOn:'error'}).autoOrient().resize({width:64,height:64,fit:'outside',withoutEnlargement:true,kernel:'cubic'}).toColourspace('srgb').ensureAlpha().raw({depth:'uchar'}).toBuffer({resolveWithObject:true}))
await T('png sharp noorient',()=>sharp(g,{failOn:'error'}).resize({width:64,height:64,fit:'outside',withoutEnlargement:true,kernel:'cubic'}).toColourspace('srgb').ensureAlpha().raw({depth:'uchar'}).toBuffer({resolveWithObject:true}))
await T('png sharp sequential',()=>sharp(g,{sequentialRead:false}).raw().toBuffer())
}
